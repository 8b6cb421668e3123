/**
 * The open sale as a value: every act takes a cart and gives the next one.
 *
 * Owns: lines, the line that is being worked on, customer, discounts, notes.
 * Must not know: prices after tax (quote.ts), payments (charge.ts), the screen.
 *
 * **Invariant:** a line's quantity is above zero; `now` names a line of the
 * cart or nothing; a cart's id is the id that its sale will have, so that a
 * repeated charge is the same sale.
 */

import type { Barcode, Decimal, Discount, Micros, Product, Tax, Unit, Uuid } from "./model.ts";
import { decimalOf, milliOf, minorOf } from "./money.ts";
import { divideHalfAway } from "./rounding.ts";

export const QUANTITY_MAX_MILLI = 1_000_000_000;

export interface Line {
  key: number;
  product_id: Uuid;
  name: string;
  unit: Unit;
  fractions: boolean;
  /** In packs, where the line was sold by a code of several units. */
  quantityMilli: number;
  /** Units in one pack: "1", or "24" for the box. */
  pack: Decimal;
  /** The price of one pack. */
  unit_price: Decimal;
  taxes: Tax[];
  discount: Discount | null;
  note: string | null;
  /** Set by hand against the catalogue's price, which needs a right. */
  priceChanged: boolean;
}

export type Customer = { kind: "registered"; id: Uuid; name: string } | { kind: "typed"; name: string };

/** What the last scan did, so that a number typed after it can replace it. */
export interface FreshScan {
  lineKey: number;
  addedMilli: number;
}

export interface Cart {
  id: Uuid;
  startedMicros: Micros;
  lines: Line[];
  nextKey: number;
  now: number | null;
  customer: Customer | null;
  discount: Discount | null;
  note: string | null;
  freshScan: FreshScan | null;
}

export interface Adding {
  product: Product;
  quantityMilli: number;
  pack: Decimal;
  unitPrice: Decimal;
  priceChanged: boolean;
  scanned: boolean;
}

export function emptyCart(id: Uuid, startedMicros: Micros): Cart {
  return { id, startedMicros, lines: [], nextKey: 1, now: null, customer: null, discount: null, note: null, freshScan: null };
}

export function isEmpty(cart: Cart): boolean {
  return cart.lines.length === 0;
}

export function lineOf(cart: Cart, key: number | null): Line | undefined {
  return cart.lines.find((line) => line.key === key);
}

/**
 * One scan joins the line of the same product at the same price. What was
 * weighed stays a line of its own: two labels of a scale are two amounts, and
 * rounding their sum once could differ from what they say.
 */
export function add(cart: Cart, adding: Adding): Cart {
  const { product, quantityMilli, pack, unitPrice } = adding;
  if (quantityMilli <= 0 || quantityMilli > QUANTITY_MAX_MILLI) return cart;
  const joined = product.fractions ? undefined : cart.lines.find((line) => line.product_id === product.id && line.pack === pack && line.unit_price === unitPrice && line.note === null);
  if (joined !== undefined && joined.quantityMilli + quantityMilli <= QUANTITY_MAX_MILLI) {
    const lines = cart.lines.map((line) => (line.key === joined.key ? { ...line, quantityMilli: line.quantityMilli + quantityMilli } : line));
    return touched({ ...cart, lines }, joined.key, adding);
  }
  const line: Line = {
    key: cart.nextKey, product_id: product.id, name: product.name, unit: product.unit, fractions: product.fractions, quantityMilli, pack,
    unit_price: unitPrice, taxes: product.taxes, discount: null, note: null, priceChanged: adding.priceChanged,
  };
  return touched({ ...cart, lines: [...cart.lines, line], nextKey: cart.nextKey + 1 }, line.key, adding);
}

function touched(cart: Cart, key: number, adding: Adding): Cart {
  const freshScan = adding.scanned ? { lineKey: key, addedMilli: adding.quantityMilli } : null;
  return { ...cart, now: key, freshScan };
}

/** One unit, or one pack, at the price in force for that code. */
export function adding(product: Product, barcode: Barcode | null, quantityMilli: number, exponent: number): Adding {
  const pack = barcode?.pack ?? "1";
  const unitPrice = barcode?.price ?? packPrice(product.price, pack, exponent);
  return { product, quantityMilli, pack, unitPrice, priceChanged: false, scanned: barcode !== null };
}

/** What a pack costs now: by its code where that has a price, else as much as its units. */
export function priceInForce(product: Product, pack: Decimal, exponent: number): Decimal {
  const own = pack === "1" ? undefined : product.barcodes.find((barcode) => barcode.pack === pack && barcode.price !== null)?.price;
  return own ?? packPrice(product.price, pack, exponent);
}

/** The product's price times the pack, rounded half up to the currency's unit. */
function packPrice(price: Decimal, pack: Decimal, exponent: number): Decimal {
  if (pack === "1") return price;
  return decimalOf(Number(divideHalfAway(BigInt(minorOf(price, exponent)) * BigInt(milliOf(pack)), 1000n)), exponent);
}

/** A number typed right after a scan stands for what that scan added. */
export function replaceScan(cart: Cart, count: number): Cart {
  const scan = cart.freshScan;
  const line = scan === null ? undefined : lineOf(cart, scan.lineKey);
  if (scan === null || line === undefined) return cart;
  const next = setQuantity(cart, line.key, line.quantityMilli - scan.addedMilli + 1000 * count);
  return { ...next, freshScan: null };
}

/** Zero or less takes the line out. */
export function setQuantity(cart: Cart, key: number, quantityMilli: number): Cart {
  if (quantityMilli <= 0) return removeLine(cart, key);
  if (quantityMilli > QUANTITY_MAX_MILLI) return cart;
  return changeLine(cart, key, (line) => (line.fractions || quantityMilli % 1000 === 0 ? { ...line, quantityMilli } : line));
}

/** `+` and `−` move by whole units, also on what is weighed. */
export function step(cart: Cart, key: number, by: 1 | -1): Cart {
  const line = lineOf(cart, key);
  return line === undefined ? cart : setQuantity(cart, key, line.quantityMilli + by * 1000);
}

export function removeLine(cart: Cart, key: number): Cart {
  const at = cart.lines.findIndex((line) => line.key === key);
  if (at < 0) return cart;
  const lines = cart.lines.filter((line) => line.key !== key);
  const now = cart.now === key ? (lines[Math.min(at, lines.length - 1)]?.key ?? null) : cart.now;
  return { ...cart, lines, now, freshScan: null };
}

export function setLineDiscount(cart: Cart, key: number, discount: Discount | null): Cart {
  return changeLine(cart, key, (line) => ({ ...line, discount }));
}

export function setLineNote(cart: Cart, key: number, note: string | null): Cart {
  return changeLine(cart, key, (line) => ({ ...line, note: tidied(note) }));
}

export function setLinePrice(cart: Cart, key: number, unitPrice: Decimal): Cart {
  return changeLine(cart, key, (line) => (line.unit_price === unitPrice ? line : { ...line, unit_price: unitPrice, priceChanged: true }));
}

export function setDiscount(cart: Cart, discount: Discount | null): Cart {
  return { ...cart, discount, freshScan: null };
}

export function setCustomer(cart: Cart, customer: Customer | null): Cart {
  return { ...cart, customer };
}

export function choose(cart: Cart, key: number): Cart {
  return lineOf(cart, key) === undefined ? cart : { ...cart, now: key, freshScan: null };
}

/** The next number after a scan is no longer about that scan. */
export function forgetScan(cart: Cart): Cart {
  return cart.freshScan === null ? cart : { ...cart, freshScan: null };
}

function changeLine(cart: Cart, key: number, change: (line: Line) => Line): Cart {
  return { ...cart, lines: cart.lines.map((line) => (line.key === key ? change(line) : line)), now: key, freshScan: null };
}

function tidied(text: string | null): string | null {
  const trimmed = (text ?? "").trim();
  return trimmed === "" ? null : trimmed.slice(0, 200);
}

/** The line's quantity in the product's own unit, packs opened. */
export function unitsMilli(line: Pick<Line, "quantityMilli" | "pack">): number {
  return Number(divideHalfAway(BigInt(line.quantityMilli) * BigInt(milliOf(line.pack)), 1000n));
}

/** How much of each product is in the cart, for the marks on the shelf. */
export function quantitiesByProduct(cart: Cart): Map<Uuid, number> {
  const sums = new Map<Uuid, number>();
  for (const line of cart.lines) sums.set(line.product_id, (sums.get(line.product_id) ?? 0) + unitsMilli(line));
  return sums;
}

// ── Several tickets ────────────────────────────────────────────────────────

/** The sale at hand and those that wait; the order is the order of holding. */
export interface Tickets {
  current: Cart;
  held: Cart[];
}

/** Puts the cart at hand aside; an empty one leaves nothing behind. */
export function hold(tickets: Tickets, fresh: Cart): Tickets {
  if (isEmpty(tickets.current)) return tickets;
  return { current: fresh, held: [...tickets.held, forgetScan(tickets.current)] };
}

/** Takes a held ticket up; the cart at hand, if it has anything, is held in turn. */
export function recall(tickets: Tickets, id: Uuid): Tickets {
  const found = tickets.held.find((cart) => cart.id === id);
  if (found === undefined) return tickets;
  const others = tickets.held.filter((cart) => cart.id !== id);
  const held = isEmpty(tickets.current) ? others : [...others, forgetScan(tickets.current)];
  return { current: found, held };
}

/** The sale at hand is paid or given up: the next one starts empty. */
export function finish(tickets: Tickets, fresh: Cart): Tickets {
  return { ...tickets, current: fresh };
}
