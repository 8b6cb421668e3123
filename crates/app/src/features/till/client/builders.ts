/**
 * What the till's tests are made of: a shop, products, a world whose clock and
 * chance stand still.
 *
 * Owns: defaults for tests. The till itself must not import it.
 */

import { emptyCart, type Cart } from "./cart.ts";
import type { Answer } from "./api.ts";
import type { Item, Outcome, Product, Shop } from "./model.ts";

export const NOW = 1_764_075_600_000_000;

export function shop(changes: Partial<Shop> = {}): Shop {
  return {
    id: "shop", name: "Tienda La Esquina", country: "CO", currency: "COP", exponent: 2, display_decimals: 0, locale: "es-CO", time_zone: "America/Bogota",
    prices_include_tax: true, cash_step: "0.00", cash_mode: "half_up",
    receipt: { header: "", footer: "", legal_name: "", tax_id: "", address: "", phone: "", paper: "80", notice: "" }, ...changes,
  };
}

export function product(changes: Partial<Product> = {}): Product {
  return {
    id: "arroz", version: 1, name: "Arroz Diana 500 g", sku: null, category_id: null, unit: "unidad", fractions: false, tracks_stock: true, price: "2900.00",
    taxes: [{ code: "IVA", rate: "19" }], barcodes: [{ code: "7700000000017", pack: "1", price: null }], favorite: false, photo: null, on_hand: "24", ...changes,
  };
}

export function cheese(changes: Partial<Product> = {}): Product {
  return product({ id: "queso", name: "Queso campesino", unit: "kg", fractions: true, price: "12900.00", taxes: [], barcodes: [], sku: "00005", ...changes });
}

export function cart(changes: Partial<Cart> = {}): Cart {
  return { ...emptyCart("cart", NOW), ...changes };
}

/** Ids that can be told apart and come in order. */
export function ids(): () => string {
  let made = 0;
  return () => {
    made += 1;
    return `id-${String(made).padStart(3, "0")}`;
  };
}

export function sale(id: string, changes: Partial<Extract<Item, { kind: "sale" }>> = {}): Extract<Item, { kind: "sale" }> {
  return {
    id, kind: "sale", at: NOW, offline: true, person: "person",
    content: {
      prefix: "C1-", number: 201, session_id: "session", catalog_version: 1, customer: null, lines: [], discount: null,
      payments: [{ method_id: "cash", amount: "2900.00", tendered: "5000.00", bank: null, reference: null }],
      expected: { total: "2900.00", cash_rounding: "0.00", change: "2100.00" }, note: null,
    },
    ...changes,
  };
}

export function accepted(id: string): Outcome {
  return { id, outcome: "accepted", data: {} };
}

export function answered(results: Outcome[]): Answer {
  return { kind: "ok", body: { results, server_time: NOW } };
}
