/**
 * Prices a cart in the till: the counterpart of `crates/domain/src/quote.rs`, with the same
 * answers to the last unit. `e2e/engines.mjs` holds the two against each other.
 *
 * It must not know where carts come from (`quote_json.ts` reads them) nor what a sale is.
 * Invariant: gross − discount = base + tax = total, on every line and on the whole.
 */
import { divideHalfAway, shareLargestRemainder } from "./rounding.ts";

/** The largest gross of a line or a cart, in minor units. */
export const GROSS_MINOR_MAX = 9_000_000_000_000_000;
/** The largest unit price, in minor units. */
export const PRICE_MINOR_MAX = 1_000_000_000_000;
/** The largest quantity, in thousandths: a million units. */
export const QUANTITY_MILLI_MAX = 1_000_000_000;
/** A rate of 100 %, in parts per million. */
export const RATE_PPM_MAX = 1_000_000;
/** A discount of 100 %, in millionths of a percent. */
export const PERCENT_E6_MAX = 100_000_000;
/** The most decimals a currency has (ISO 4217). */
export const EXPONENT_MAX = 4;
/** The largest cash step, in minor units: with it no cash total leaves the exact range. */
export const CASH_STEP_MINOR_MAX = PRICE_MINOR_MAX;

const MILLI = 1_000n;

/** A percentage tax of a line; a line lists a code once. */
export interface Tax {
  readonly code: string;
  /** Parts per million: 19 % is 190 000. */
  readonly ratePpm: number;
}

/** A share in millionths of a percent, or a sum of money in minor units. */
export type Discount = { readonly percentE6: number } | { readonly amountMinor: number };

export interface CartLine {
  readonly quantityMilli: number;
  /** With or without tax, as the cart says. */
  readonly unitPriceMinor: number;
  /** Empty is excluded, a rate of zero is exempt. */
  readonly taxes: readonly Tax[];
  readonly discount?: Discount | undefined;
}

export interface Cart {
  /** Decimals of the currency (ISO 4217). */
  readonly exponent: number;
  readonly pricesIncludeTax: boolean;
  /** What cash is rounded to; zero rounds nothing. */
  readonly cashStepMinor: number;
  readonly lines: readonly CartLine[];
  readonly discount?: Discount | undefined;
}

/** A priced line; all amounts in minor units. */
export interface QuotedLine {
  /** The shelf price of one unit, tax included. */
  readonly unitFinalMinor: number;
  readonly grossMinor: number;
  /** The line's own discount and its share of the cart's. */
  readonly discountMinor: number;
  readonly totalMinor: number;
  readonly baseMinor: number;
  readonly taxMinor: number;
}

export interface QuotedTax {
  readonly code: string;
  readonly ratePpm: number;
  readonly baseMinor: number;
  readonly amountMinor: number;
}

/** A priced cart; all amounts in minor units. */
export interface Quote {
  readonly lines: readonly QuotedLine[];
  /** Sorted by code, then rate. */
  readonly taxes: readonly QuotedTax[];
  readonly grossMinor: number;
  readonly discountMinor: number;
  readonly baseMinor: number;
  readonly taxMinor: number;
  readonly totalMinor: number;
  readonly cashTotalMinor: number;
}

export type QuoteErrorCode =
  | "invalid_cart"
  | "empty_cart"
  | "invalid_quantity"
  | "invalid_price"
  | "invalid_rate"
  | "repeated_tax"
  | "invalid_discount"
  | "invalid_percent"
  | "invalid_amount"
  | "discount_exceeds_amount"
  | "total_too_large";

/** `line` is the line of text that should have been a cart. */
export type Place = "line" | "lines" | `lines[${number}]` | "discount" | "total";

export interface QuoteError {
  readonly code: QuoteErrorCode;
  readonly place: Place;
}

export type QuoteResult = { ok: true; quote: Quote } | { ok: false; error: QuoteError };

/** Prices a cart, or tells the first error in the order of the rules. */
export function quote(cart: Cart): QuoteResult {
  return quoteSource({
    exponent: cart.exponent,
    pricesIncludeTax: cart.pricesIncludeTax,
    cashStepMinor: cart.cashStepMinor,
    lines: cart.lines.map((line) => ({
      quantityMilli: () => line.quantityMilli,
      unitPriceMinor: () => line.unitPriceMinor,
      taxes: () => line.taxes,
      discount: () => line.discount,
    })),
    discount: () => cart.discount,
  });
}

/**
 * A cart whose parts are read when their turn comes, so that the first error is the first
 * in the order of the rules. What cannot be read throws a {@link Refused}.
 */
export interface CartSource {
  readonly exponent: number;
  readonly pricesIncludeTax: boolean;
  readonly cashStepMinor: number;
  readonly lines: readonly LineSource[];
  discount(): Discount | undefined;
}

export interface LineSource {
  quantityMilli(): number;
  unitPriceMinor(): number;
  taxes(): readonly Tax[];
  discount(): Discount | undefined;
}

/** Ends the pricing; never leaves this module but through {@link quoteSource}'s answer. */
export class Refused extends Error {
  constructor(readonly code: QuoteErrorCode) {
    super(code);
  }
}

/** A line before its taxes are known. */
interface PricedLine {
  readonly taxes: readonly Tax[];
  readonly unitFinalMinor: number;
  readonly grossMinor: number;
  discountMinor: number;
}

/** Prices a cart as it is read. */
export function quoteSource(cart: CartSource): QuoteResult {
  let place: Place = "line";
  try {
    within(cart.exponent, 0, EXPONENT_MAX, "invalid_cart");
    within(cart.cashStepMinor, 0, CASH_STEP_MINOR_MAX, "invalid_cart");
    place = "lines";
    if (cart.lines.length === 0) throw new Refused("empty_cart");
    const lines: PricedLine[] = [];
    for (const [index, line] of cart.lines.entries()) {
      place = `lines[${index}]`;
      lines.push(priceLine(line, cart.pricesIncludeTax));
    }
    place = "total";
    checkGrossSum(lines);
    place = "discount";
    discountWhole(lines, cart.discount());
    return { ok: true, quote: taxLines(lines, cart.cashStepMinor) };
  } catch (error) {
    if (error instanceof Refused) return { ok: false, error: { code: error.code, place } };
    throw error;
  }
}

/** Rules 1 to 3: shelf price, gross, the line's own discount. */
function priceLine(line: LineSource, pricesIncludeTax: boolean): PricedLine {
  const quantityMilli = within(line.quantityMilli(), 1, QUANTITY_MILLI_MAX, "invalid_quantity");
  const unitPriceMinor = within(line.unitPriceMinor(), 0, PRICE_MINOR_MAX, "invalid_price");
  const taxes = line.taxes();
  checkTaxes(taxes);
  // A list of taxes has no limit of its own; the gross has, and a shelf price beyond it
  // could not be written exactly.
  const unitFinalMinor = pricesIncludeTax
    ? unitPriceMinor
    : divided(BigInt(unitPriceMinor) * onePlusRates(taxes), BigInt(RATE_PPM_MAX));
  const grossMinor = divided(BigInt(quantityMilli) * BigInt(unitFinalMinor), MILLI);
  const discountMinor = discountOf(grossMinor, line.discount());
  return { taxes, unitFinalMinor, grossMinor, discountMinor };
}

function within(value: number, min: number, max: number, code: QuoteErrorCode): number {
  if (!Number.isSafeInteger(value) || value < min || value > max) throw new Refused(code);
  return value;
}

function checkTaxes(taxes: readonly Tax[]): void {
  for (const tax of taxes) within(tax.ratePpm, 0, RATE_PPM_MAX, "invalid_rate");
  if (new Set(taxes.map((tax) => tax.code)).size < taxes.length) throw new Refused("repeated_tax");
}

/** 1 + the sum of rates, in parts per million. */
function onePlusRates(taxes: readonly Tax[]): bigint {
  return taxes.reduce((sum, tax) => sum + BigInt(tax.ratePpm), BigInt(RATE_PPM_MAX));
}

function divided(numerator: bigint, denominator: bigint): number {
  const amount = divideHalfAway(numerator, denominator);
  if (amount > BigInt(GROSS_MINOR_MAX)) throw new Refused("total_too_large");
  return Number(amount);
}

function checkGrossSum(lines: readonly PricedLine[]): void {
  // Each gross is exact and the sum only grows, so the first step beyond the limit is
  // seen although the sum there may no longer be exact.
  let sum = 0;
  for (const line of lines) {
    sum += line.grossMinor;
    if (sum > GROSS_MINOR_MAX) throw new Refused("total_too_large");
  }
}

function discountOf(amountMinor: number, discount: Discount | undefined): number {
  if (discount === undefined) return 0;
  if ("percentE6" in discount) {
    const percentE6 = within(discount.percentE6, 0, PERCENT_E6_MAX, "invalid_percent");
    return Number(divideHalfAway(BigInt(amountMinor) * BigInt(percentE6), BigInt(PERCENT_E6_MAX)));
  }
  const taken = within(discount.amountMinor, 0, Number.MAX_SAFE_INTEGER, "invalid_amount");
  if (taken > amountMinor) throw new Refused("discount_exceeds_amount");
  return taken;
}

/** Rule 4: the discount on the whole, shared over the lines and added to theirs. */
function discountWhole(lines: readonly PricedLine[], discount: Discount | undefined): void {
  const totals = lines.map(totalOf);
  const shares = shareLargestRemainder(discountOf(sumOf(totals), discount), totals);
  lines.forEach((line, index) => {
    line.discountMinor += shares[index] ?? 0;
  });
}

/** Rules 5 to 7: tax out of the totals, group by group, then the sums. */
function taxLines(lines: readonly PricedLine[], cashStepMinor: number): Quote {
  const bases: number[] = lines.map(() => 0);
  const taxes = new Map<string, { code: string; ratePpm: number; baseMinor: number; amountMinor: number }>();
  for (const group of groupByTaxes(lines)) {
    const totals = group.members.map((member) => totalOf(member.line));
    const totalMinor = sumOf(totals);
    const baseMinor = Number(divideHalfAway(BigInt(totalMinor) * BigInt(RATE_PPM_MAX), onePlusRates(group.taxes)));
    const baseShares = shareLargestRemainder(baseMinor, totals);
    group.members.forEach((member, index) => {
      bases[member.index] = baseShares[index] ?? 0;
    });
    const rates = group.taxes.map((tax) => tax.ratePpm);
    const amounts = shareLargestRemainder(totalMinor - baseMinor, rates);
    group.taxes.forEach(({ code, ratePpm }, index) => {
      const key = listKey([{ code, ratePpm }]);
      const entry = taxes.get(key) ?? { code, ratePpm, baseMinor: 0, amountMinor: 0 };
      entry.baseMinor += baseMinor;
      entry.amountMinor += amounts[index] ?? 0;
      taxes.set(key, entry);
    });
  }
  const quoted = lines.map((line, index) => quotedLine(line, bases[index] ?? 0));
  const sorted = [...taxes.values()].sort((a, b) => compareCodes(a.code, b.code) || a.ratePpm - b.ratePpm);
  return sumUp(quoted, sorted, cashStepMinor);
}

interface TaxGroup {
  readonly taxes: readonly Tax[];
  readonly members: { readonly line: PricedLine; readonly index: number }[];
}

/** Lines with the same list of taxes, in the same order. */
function groupByTaxes(lines: readonly PricedLine[]): Iterable<TaxGroup> {
  const groups = new Map<string, TaxGroup>();
  lines.forEach((line, index) => {
    const key = listKey(line.taxes);
    const group = groups.get(key) ?? { taxes: line.taxes, members: [] };
    group.members.push({ line, index });
    groups.set(key, group);
  });
  return groups.values();
}

function listKey(taxes: readonly Tax[]): string {
  return JSON.stringify(taxes.map((tax) => [tax.code, tax.ratePpm]));
}

/** The order of code points, which is that of UTF-8 bytes and not that of JavaScript's `<`. */
function compareCodes(a: string, b: string): number {
  const [left, right] = [[...a], [...b]];
  for (let index = 0; index < Math.min(left.length, right.length); index += 1) {
    const difference = (left[index]?.codePointAt(0) ?? 0) - (right[index]?.codePointAt(0) ?? 0);
    if (difference !== 0) return difference;
  }
  return left.length - right.length;
}

function totalOf(line: PricedLine): number {
  return line.grossMinor - line.discountMinor;
}

function quotedLine(line: PricedLine, baseMinor: number): QuotedLine {
  const { unitFinalMinor, grossMinor, discountMinor } = line;
  const totalMinor = totalOf(line);
  return { unitFinalMinor, grossMinor, discountMinor, totalMinor, baseMinor, taxMinor: totalMinor - baseMinor };
}

function sumUp(lines: readonly QuotedLine[], taxes: readonly QuotedTax[], cashStepMinor: number): Quote {
  const sum = (of: (line: QuotedLine) => number): number => sumOf(lines.map(of));
  const totalMinor = sum((line) => line.totalMinor);
  return {
    lines,
    taxes,
    grossMinor: sum((line) => line.grossMinor),
    discountMinor: sum((line) => line.discountMinor),
    baseMinor: sum((line) => line.baseMinor),
    taxMinor: sum((line) => line.taxMinor),
    totalMinor,
    cashTotalMinor: roundCash(totalMinor, cashStepMinor),
  };
}

function roundCash(amountMinor: number, stepMinor: number): number {
  if (stepMinor === 0) return amountMinor;
  const step = BigInt(stepMinor);
  return Number(divideHalfAway(BigInt(amountMinor), step) * step);
}

/** Exact: the sum of all grosses has been checked, and every other amount is part of them. */
function sumOf(amounts: readonly number[]): number {
  return amounts.reduce((sum, amount) => sum + amount, 0);
}
