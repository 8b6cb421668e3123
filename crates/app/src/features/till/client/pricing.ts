/**
 * What the open sale costs: hands the cart to the one engine and reads its
 * answer the way a ticket is read.
 *
 * Owns: the join between cart and quote.ts, and what a seller may take off.
 * Must not know: payments, the screen.
 */

import type { Cart, Line } from "./cart.ts";
import type { Discount, Product, Rights, Shop, Tax } from "./model.ts";
import { minorOf, scaledFromDecimal } from "./money.ts";
import { divideHalfAway } from "./rounding.ts";
import { quote, RATE_PPM_MAX, type CartLine, type Discount as QuoteDiscount, type Quote, type QuoteError } from "./quote.ts";

export type PricingRules = Pick<Shop, "exponent" | "prices_include_tax" | "cash_step">;

/** A line as the ticket shows it: before its share of the sale's discount. */
export interface PricedLine {
  unitFinalMinor: number;
  grossMinor: number;
  discountMinor: number;
  totalMinor: number;
}

export type Priced =
  | { kind: "empty" }
  | { kind: "impossible"; error: QuoteError }
  | { kind: "priced"; quote: Quote; lines: readonly PricedLine[]; /** Taken off the whole sale. */ saleDiscountMinor: number };

const RATE_DECIMALS = 4;
const PERCENT_DECIMALS = 6;

export function priceCart(cart: Pick<Cart, "lines" | "discount">, rules: PricingRules): Priced {
  if (cart.lines.length === 0) return { kind: "empty" };
  const lines = cart.lines.map((line) => quoteLine(line, rules));
  const whole = priceLines(lines, cart.discount, rules);
  if (!whole.ok) return { kind: "impossible", error: whole.error };
  if (cart.discount === null) return { kind: "priced", quote: whole.quote, lines: whole.quote.lines, saleDiscountMinor: 0 };
  const before = priceLines(lines, null, rules);
  if (!before.ok) return { kind: "impossible", error: before.error };
  return { kind: "priced", quote: whole.quote, lines: before.quote.lines, saleDiscountMinor: before.quote.totalMinor - whole.quote.totalMinor };
}

function priceLines(lines: CartLine[], discount: Discount | null, rules: PricingRules): ReturnType<typeof quote> {
  return quote({
    exponent: rules.exponent,
    pricesIncludeTax: rules.prices_include_tax,
    cashStepMinor: minorOf(rules.cash_step, rules.exponent),
    lines,
    discount: discount === null ? undefined : quoteDiscount(discount, rules.exponent),
  });
}

type Sellable = Pick<Line, "quantityMilli" | "unit_price" | "taxes" | "discount">;

function quoteLine(line: Sellable, rules: PricingRules): CartLine {
  return {
    quantityMilli: line.quantityMilli,
    unitPriceMinor: minorOf(line.unit_price, rules.exponent),
    taxes: line.taxes.map(quoteTax),
    discount: line.discount === null ? undefined : quoteDiscount(line.discount, rules.exponent),
  };
}

function quoteTax(tax: Tax): { code: string; ratePpm: number } {
  return { code: tax.code, ratePpm: scaledFromDecimal(tax.rate, RATE_DECIMALS) ?? -1 };
}

/** An unreadable figure becomes one that the engine refuses by name. */
function quoteDiscount(discount: Discount, exponent: number): QuoteDiscount {
  if ("percent" in discount) return { percentE6: scaledFromDecimal(discount.percent, PERCENT_DECIMALS) ?? -1 };
  return { amountMinor: scaledFromDecimal(discount.amount, exponent) ?? -1 };
}

/** The price on the shelf's label: tax included, rounded per unit; null where the engine refuses. */
export function shelfPriceMinor(product: Pick<Product, "price" | "taxes">, rules: PricingRules): number | null {
  const line = quoteLine({ quantityMilli: 1000, unit_price: product.price, taxes: product.taxes, discount: null }, rules);
  const priced = priceLines([line], null, rules);
  return priced.ok ? (priced.quote.lines[0]?.unitFinalMinor ?? null) : null;
}

/** The stored price whose shelf price is `finalMinor`, where prices are kept without tax. */
export function storedPriceMinor(finalMinor: number, taxes: readonly Tax[], rules: PricingRules): number {
  if (rules.prices_include_tax) return finalMinor;
  const ppm = BigInt(RATE_PPM_MAX) + taxes.reduce((sum, tax) => sum + BigInt(quoteTax(tax).ratePpm), 0n);
  return Number((BigInt(finalMinor) * BigInt(RATE_PPM_MAX) + ppm / 2n) / ppm);
}

/** Whether `discountMinor` of `ofMinor` stays within the seller's right; exact, no division. */
export function isWithinRight(discountMinor: number, ofMinor: number, rights: Pick<Rights, "max_discount_percent">): boolean {
  const most = scaledFromDecimal(rights.max_discount_percent, PERCENT_DECIMALS) ?? 0;
  return BigInt(discountMinor) * 100n * 10n ** BigInt(PERCENT_DECIMALS) <= BigInt(ofMinor) * BigInt(most);
}

/**
 * Whether every line's whole discount, its share of the sale's included, stays
 * within the right: the server's own test, with its one unit of rounding.
 */
export function isCartWithinRight(cart: Pick<Cart, "lines" | "discount">, rules: PricingRules, rights: Pick<Rights, "max_discount_percent">): boolean {
  const priced = priceCart(cart, rules);
  if (priced.kind !== "priced") return true;
  const most = BigInt(scaledFromDecimal(rights.max_discount_percent, PERCENT_DECIMALS) ?? 0);
  return priced.quote.lines.every((line) => {
    const limit = Number(divideHalfAway(BigInt(line.grossMinor) * most, 100n * 10n ** BigInt(PERCENT_DECIMALS)));
    return line.discountMinor === 0 || (limit > 0 && line.discountMinor <= Math.min(limit + 1, line.grossMinor));
  });
}

export type DiscountProblem = "unreadable" | "too_much" | "beyond_right";

/** What keeps a discount of `ofMinor` from being given. */
export function problemOfDiscount(discount: Discount, ofMinor: number, rights: Pick<Rights, "max_discount_percent">, exponent: number): DiscountProblem | null {
  const figure = "percent" in discount ? scaledFromDecimal(discount.percent, PERCENT_DECIMALS) : scaledFromDecimal(discount.amount, exponent);
  if (figure === null || figure === 0) return "unreadable";
  const isTooMuch = "percent" in discount ? figure > 100 * 10 ** PERCENT_DECIMALS : figure > ofMinor;
  if (isTooMuch) return "too_much";
  const isAllowed = "percent" in discount ? figure <= (scaledFromDecimal(rights.max_discount_percent, PERCENT_DECIMALS) ?? 0) : isWithinRight(figure, ofMinor, rights);
  return isAllowed ? null : "beyond_right";
}

