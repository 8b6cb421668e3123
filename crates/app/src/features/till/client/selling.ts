/**
 * The acts of a sale before it is paid: scanning, typing, changing lines,
 * holding and recalling.
 *
 * Owns: what each act does to the cart and what it says. Must not know:
 * elements, keys, the network.
 */

import { batch } from "@preact/signals";
import { add, adding, choose, emptyCart, hold, isEmpty, lineOf, recall, removeLine, replaceScan, setCustomer, setDiscount, setLineDiscount, setLineNote, setLinePrice, setQuantity, step, type Adding, type Cart, type Customer, type Tickets } from "./cart.ts";
import { findCode, type Found } from "./codes.ts";
import { readEntry, splitTimes } from "./entry.ts";
import type { Discount, Product, Uuid } from "./model.ts";
import { decimalOf, formatAmount, formatQuantity, minorOf } from "./money.ts";
import { shelfPriceMinor, storedPriceMinor } from "./pricing.ts";
import type { Dialog } from "./state.ts";
import { selling, shopOf, tell, texts, type World } from "./world.ts";

const ONE_MILLI = 1000;
/** Two screens of tiles: whoever does not see it types another letter. */
const RESULTS_MAX = 30;

/** While the server is asked about a charge, the cart is what was charged. */
export function isLocked(world: World): boolean {
  return world.state.charging.value?.isBusy === true;
}

/** The line is on the screen first; a moment later the ticket is on the disk. */
const SAVE_AFTER_MS = 30;

function put(world: World, tickets: Tickets): void {
  world.state.tickets.value = tickets;
  world.after(SAVE_AFTER_MS, () => void world.store.saveTickets(world.state.tickets.peek()));
}

export function changeCart(world: World, change: (cart: Cart) => Cart): void {
  const { tickets, paid } = world.state;
  if (isLocked(world)) return;
  const next = change(tickets.value.current);
  if (next === tickets.value.current) return;
  batch(() => {
    put(world, { ...tickets.value, current: next });
    if (!isEmpty(next)) paid.value = null;
  });
}

export function freshCart(world: World): Cart {
  return emptyCart(world.newId(), world.now());
}

// ── Adding ─────────────────────────────────────────────────────────────────

function isSessionOpen(world: World): boolean {
  const session = world.state.cashSession.value;
  return session !== null && session.closed === null;
}

function addToCart(world: World, what: Adding): void {
  changeCart(world, (cart) => add(cart, what));
  const shop = shopOf(world);
  const line = lineOf(world.state.tickets.value.current, world.state.tickets.value.current.now);
  world.state.timesMilli.value = ONE_MILLI;
  if (line === undefined) return;
  world.state.announcement.value = texts(world).said_added(formatQuantity(line.quantityMilli, line.unit, shop), line.name);
}

/** The dialog in which the weight or an open price is said; null where nothing is asked. */
function questionFor(world: World, product: Product, barcode: Product["barcodes"][number] | null, timesMilli: number): Dialog | null {
  const hasOpenPrice = minorOf(product.price, shopOf(world).exponent) === 0 && (barcode?.price ?? null) === null;
  if (hasOpenPrice) return { kind: "open_price", product, quantityMilli: timesMilli };
  const asksWeight = product.fractions && timesMilli === ONE_MILLI && product.unit !== "unidad" && (barcode === null || barcode.pack === "1");
  return asksWeight ? { kind: "weight", product } : null;
}

/** A product chosen by hand, or found by a code without a quantity in it. */
export function addProduct(world: World, product: Product, barcode: Product["barcodes"][number] | null, timesMilli: number): void {
  const shop = shopOf(world);
  if (!isSessionOpen(world)) return tell(world, texts(world).open_first, "warn");
  const question = questionFor(world, product, barcode, timesMilli);
  if (question !== null) {
    world.state.timesMilli.value = ONE_MILLI;
    world.state.dialog.value = question;
    return;
  }
  if (!product.fractions && timesMilli % ONE_MILLI !== 0) return tell(world, texts(world).whole_only(product.name), "warn");
  addToCart(world, adding(product, barcode, timesMilli, shop.exponent));
}

export function addWeighed(world: World, product: Product, quantityMilli: number): void {
  addToCart(world, { ...adding(product, null, quantityMilli, shopOf(world).exponent), scanned: false });
}

/** A product without a fixed price (a top-up) gets the one that is said. */
export function addAtPrice(world: World, product: Product, finalMinor: number, quantityMilli: number): void {
  const shop = shopOf(world);
  const unitPrice = decimalOf(storedPriceMinor(finalMinor, product.taxes, shop), shop.exponent);
  addToCart(world, { ...adding(product, null, quantityMilli, shop.exponent), unitPrice, priceChanged: true });
}

// ── Codes ──────────────────────────────────────────────────────────────────

export function scan(world: World, code: string, timesMilli = world.state.timesMilli.value): void {
  if (isLocked(world)) return wait(world, code, timesMilli);
  const found = findCode(code, world.catalog, shopOf(world).scale_codes ?? []);
  const dialog = world.state.dialog.value;
  if (found.kind === "unknown" && isReceiptNumber(found.code)) {
    if (dialog === null || !isTypedIn(dialog)) world.state.dialog.value = { kind: "found_receipt", number: found.code.toUpperCase() };
    return;
  }
  if (found.kind === "unknown") {
    world.sound("unknown");
    world.state.unknownCode.value = found.code;
    world.state.timesMilli.value = ONE_MILLI;
    world.state.announcement.value = texts(world).unknown_code(found.code);
    return;
  }
  world.state.unknownCode.value = null;
  if (dialog?.kind === "price") {
    world.state.dialog.value = { kind: "price", product: found.product };
    return;
  }
  if (dialog !== null && !isTypedIn(dialog)) world.state.dialog.value = null;
  else if (dialog !== null && asksFirst(world, found, timesMilli)) return wait(world, code, timesMilli);
  addFound(world, found, timesMilli);
}

/** What is being typed there would be lost; the scan adds its line behind it. */
function isTypedIn(dialog: Dialog): boolean {
  return !["menu", "keys", "sales", "sync", "recall", "receipt", "found_receipt"].includes(dialog.kind);
}

/** Whether the product must be weighed, or its price said, before it is on the ticket. */
function asksFirst(world: World, found: Exclude<Found, { kind: "unknown" }>, timesMilli: number): boolean {
  return found.kind === "barcode" && questionFor(world, found.product, found.barcode, timesMilli) !== null;
}

function wait(world: World, code: string, timesMilli: number): void {
  world.state.timesMilli.value = ONE_MILLI;
  world.state.scansWaiting.value = [...world.state.scansWaiting.value, { code, timesMilli }];
}

/** What a receipt's bars say: the register's letters and the number. */
function isReceiptNumber(code: string): boolean {
  return /^[A-Z0-9]{1,8}-\d{1,9}$/i.test(code);
}

/** The charge is settled or the dialog gone: what was scanned meanwhile is next. */
export function takeWaitingScans(world: World): void {
  const waiting = world.state.scansWaiting.value;
  if (waiting.length === 0) return;
  world.state.scansWaiting.value = [];
  for (const each of waiting) scan(world, each.code, each.timesMilli);
}

function addFound(world: World, found: Exclude<Found, { kind: "unknown" }>, timesMilli: number): void {
  const { exponent } = shopOf(world);
  switch (found.kind) {
    case "barcode":
      return addProduct(world, found.product, found.barcode, timesMilli);
    case "weight":
      if (!isSessionOpen(world)) return tell(world, texts(world).open_first, "warn");
      return addToCart(world, { ...adding(found.product, null, found.quantityMilli, exponent), scanned: false });
    case "price":
      if (!isSessionOpen(world)) return tell(world, texts(world).open_first, "warn");
      return addLabelled(world, found.product, found.value * 10 ** Math.max(0, exponent - found.valueDecimals));
  }
}

/**
 * A label with a price says what the customer pays. Of what is weighed, the
 * weight follows from it, rounded down: never more than the label says.
 */
function addLabelled(world: World, product: Product, labelMinor: number): void {
  const { shop, rights } = selling(world);
  const each = shelfPriceMinor(product, shop);
  const hasOpenPrice = each === null || each === 0;
  // Of what has a price and is sold whole, a label cannot say another: that takes the right to.
  if (!hasOpenPrice && !product.fractions && each !== labelMinor && !rights.price_change) {
    world.sound("refused");
    return tell(world, texts(world).label_price_differs(product.name, formatAmount(each, shop)), "warn");
  }
  if (hasOpenPrice || !product.fractions) return addAtPrice(world, product, labelMinor, ONE_MILLI);
  const quantityMilli = Number((BigInt(labelMinor) * 1000n) / BigInt(each));
  addToCart(world, { ...adding(product, null, Math.max(1, quantityMilli), shop.exponent), scanned: false });
}

// ── The search box ─────────────────────────────────────────────────────────

/** Results for what stands in the box; a multiplier in front is not searched for. */
export function resultsFor(world: World, text: string): Product[] {
  const { rest } = splitTimes(text, shopOf(world));
  return rest === "" ? [] : world.catalog.find(rest, RESULTS_MAX);
}

/** Enter in the search box. True where the box is done with and should be emptied. */
export function enter(world: World, text: string): boolean {
  const { tickets, timesMilli } = world.state;
  const entry = readEntry(text, tickets.value.current.freshScan !== null, shopOf(world));
  switch (entry.kind) {
    case "nothing":
      return false;
    case "count":
      changeCart(world, (cart) => replaceScan(cart, entry.count));
      return true;
    case "times":
      timesMilli.value = entry.timesMilli;
      return true;
    case "code":
      scan(world, entry.code, multiplied(world, entry.timesMilli));
      return true;
    case "words":
      return enterWords(world, entry.words, multiplied(world, entry.timesMilli));
  }
}

function multiplied(world: World, timesMilli: number): number {
  return timesMilli === ONE_MILLI ? world.state.timesMilli.value : timesMilli;
}

function enterWords(world: World, words: string, timesMilli: number): boolean {
  const exact = findCode(words, world.catalog, []);
  if (exact.kind === "barcode") {
    addProduct(world, exact.product, exact.barcode, timesMilli);
    return true;
  }
  const first = world.catalog.find(words, 1)[0];
  // A short number is no burst of a scanner: it arrives here, as if typed.
  if (first === undefined && isReceiptNumber(words)) {
    world.state.dialog.value = { kind: "found_receipt", number: words.toUpperCase() };
    return true;
  }
  if (first === undefined) {
    world.sound("unknown");
    tell(world, texts(world).nothing_found(words), "warn");
    return false;
  }
  addProduct(world, first, null, timesMilli);
  return true;
}

/** A scan while the box holds `3*`: the multiplier counts, the rest was not typed for it. */
export function scanWithBox(world: World, code: string, boxText: string): void {
  const { timesMilli } = splitTimes(boxText, shopOf(world));
  scan(world, code, multiplied(world, timesMilli));
}

// ── Lines ──────────────────────────────────────────────────────────────────

export function stepNow(world: World, by: 1 | -1): void {
  const { now } = world.state.tickets.value.current;
  if (now !== null) changeCart(world, (cart) => step(cart, now, by));
}

export const chooseLine = (world: World, key: number): void => changeCart(world, (cart) => choose(cart, key));
export const stepLine = (world: World, key: number, by: 1 | -1): void => changeCart(world, (cart) => step(cart, key, by));
export const changeQuantity = (world: World, key: number, milli: number): void => changeCart(world, (cart) => setQuantity(cart, key, milli));
export const noteLine = (world: World, key: number, note: string): void => changeCart(world, (cart) => setLineNote(cart, key, note));
export const changeCustomer = (world: World, customer: Customer | null): void => changeCart(world, (cart) => setCustomer(cart, customer));

/** Taken out at once, and back with one touch. */
export function takeOut(world: World, key: number): void {
  const before = world.state.tickets.value.current;
  const line = lineOf(before, key);
  if (line === undefined) return;
  changeCart(world, (cart) => removeLine(cart, key));
  tell(world, texts(world).taken_out(line.name), "info", () => changeCart(world, (cart) => (cart.id === before.id ? before : cart)));
}

export function discountLine(world: World, key: number | null, discount: Discount | null): void {
  changeCart(world, (cart) => (key === null ? setDiscount(cart, discount) : setLineDiscount(cart, key, discount)));
}

/** `finalMinor` is the price on the shelf, as people speak of prices. */
export function repriceLine(world: World, key: number, finalMinor: number): void {
  const { shop, rights } = selling(world);
  const line = lineOf(world.state.tickets.value.current, key);
  if (line === undefined || !rights.price_change) return;
  const price = decimalOf(storedPriceMinor(finalMinor, line.taxes, shop), shop.exponent);
  changeCart(world, (cart) => setLinePrice(cart, key, price));
}

// ── Tickets ────────────────────────────────────────────────────────────────

export function holdTicket(world: World): void {
  const { tickets } = world.state;
  if (isLocked(world) || isEmpty(tickets.value.current)) return;
  put(world, hold(tickets.value, freshCart(world)));
  tell(world, texts(world).said_held, "ok");
}

export function recallTicket(world: World, id: Uuid): void {
  const { tickets, dialog, paid } = world.state;
  if (isLocked(world)) return;
  batch(() => {
    put(world, recall(tickets.value, id));
    dialog.value = null;
    paid.value = null;
  });
}

/** F6: the only one at once, several by choice. */
export function recallAny(world: World): void {
  const { held } = world.state.tickets.value;
  const only = held[0];
  if (only === undefined) return tell(world, texts(world).none_held, "info");
  if (held.length === 1) return recallTicket(world, only.id);
  world.state.dialog.value = { kind: "recall" };
}

/** Gives the whole ticket up, and back with one touch. */
export function dropTicket(world: World): void {
  const before = world.state.tickets.value;
  if (isLocked(world) || isEmpty(before.current)) return;
  put(world, { ...before, current: freshCart(world) });
  tell(world, texts(world).said_dropped, "info", () => {
    if (isEmpty(world.state.tickets.value.current)) put(world, { ...world.state.tickets.value, current: before.current });
  });
}

export function amountText(world: World, minor: number): string {
  return formatAmount(minor, shopOf(world));
}
