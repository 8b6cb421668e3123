/**
 * A product made where it is sold, because nobody knew what was scanned.
 *
 * Owns: who may, and what becomes of it when the server knows better. Must
 * not know: elements, how items travel.
 */

import { act, newItem } from "./acts.ts";
import type { Product, TaxSet, Unit } from "./model.ts";
import { decimalOf } from "./money.ts";
import { storedPriceMinor } from "./pricing.ts";
import { addProduct } from "./selling.ts";
import { breathe, pull } from "./sync.ts";
import { selling, shopOf, tell, texts, type World } from "./world.ts";

export const UNITS: readonly Unit[] = ["unidad", "kg", "g", "lb", "l", "ml", "m"];

/** The sets to choose from; the usual one first. */
export function taxSets(world: World): TaxSet[] {
  return [...(world.catalog.state.tax_sets ?? [])].sort((a, b) => Number(b.usual) - Number(a.usual));
}

/** Without its taxes a product could not be charged. */
export function mayCreateProducts(world: World): boolean {
  return selling(world).rights.create_product === true && taxSets(world).length > 0;
}

export interface Making {
  name: string;
  code: string | null;
  /** The price on the shelf, tax included. */
  finalMinor: number;
  unit: Unit;
  taxSet: TaxSet;
}

/** Makes the product and puts it on the ticket; false where the server says no. */
export async function createProduct(world: World, making: Making, timesMilli: number): Promise<boolean> {
  const product = productOf(world, making);
  const { code, unit } = making;
  const item = newItem(world, "product", product.id, { name: product.name, code, price: product.price, unit, tax_set_id: making.taxSet.id });
  const resolution = await act(world, item, [], (writing) => writing.putProduct(product));
  if (resolution.kind === "refused" && resolution.refusal.code === "CODE_TAKEN") return sellTheOther(world, making, timesMilli);
  if (resolution.kind === "refused") return false;
  if (world.state.unknownCode.value === code) world.state.unknownCode.value = null;
  if (resolution.kind === "review") {
    tell(world, texts(world).said_product_review, "warn");
    return true;
  }
  takeIn(world, product);
  tell(world, texts(world).said_created(product.name), "ok");
  addProduct(world, product, product.barcodes[0] ?? null, timesMilli);
  return true;
}

function productOf(world: World, { name, code, finalMinor, unit, taxSet }: Making): Product {
  const shop = shopOf(world);
  return {
    id: world.newId(), version: 0, name: name.trim(), sku: null, category_id: null, unit, fractions: unit !== "unidad", tracks_stock: true,
    price: decimalOf(storedPriceMinor(finalMinor, taxSet.taxes, shop), shop.exponent), taxes: taxSet.taxes,
    barcodes: code === null ? [] : [{ code, pack: "1", price: null }], favorite: false, photo: null, on_hand: null,
  };
}

/** Known from now on, until the catalogue brings it as the server has it. */
function takeIn(world: World, product: Product): void {
  world.catalog.take([product], [], world.catalog.state);
  world.state.catalogTick.value += 1;
  void world.catalog.rebuildGently(() => breathe(world));
}

/** Somebody else was quicker: the product that has the code is the one that lies here. */
async function sellTheOther(world: World, { code }: Making, timesMilli: number): Promise<boolean> {
  await pull(world);
  const found = code === null ? undefined : world.catalog.byBarcode(code);
  if (found === undefined) return false;
  world.state.unknownCode.value = null;
  addProduct(world, found.product, found.barcode, timesMilli);
  return true;
}
