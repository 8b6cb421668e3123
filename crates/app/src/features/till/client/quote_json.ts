/**
 * Carts as JSON lines, answers as JSON lines: `npm run --silent quote`. The counterpart of
 * `crates/domain/src/quote_json.rs`, which says what is not a cart.
 *
 * Owns: the form in which carts and answers travel, which the till's own cart uses too.
 * Must not know: the rules of pricing, which are `quote.ts`'s.
 */
import { formatDecimalShortest, parseDecimal } from "./decimal.ts";
import {
  type Discount,
  EXPONENT_MAX,
  type LineSource,
  type Quote,
  type QuoteErrorCode,
  type QuoteResult,
  quoteSource,
  Refused,
  type Tax,
} from "./quote.ts";
import { type Json, type JsonObject, readJson } from "./strict_json.ts";

const QUANTITY_DECIMALS = 3;
const RATE_DECIMALS = 4;
const PERCENT_DECIMALS = 6;

/** Answers one line of input with one line of output, without line breaks. */
export function answerLine(line: string): string {
  const result = answer(line);
  return JSON.stringify(
    result.ok ? quoteAnswer(result.quote) : { error: result.error.code, where: result.error.place },
  );
}

/** A cart as it travels: decimals are texts in the plain form. */
export interface WireCart {
  readonly name?: string | undefined;
  readonly exponent: number;
  readonly prices_include_tax: boolean;
  readonly cash_step: number;
  readonly lines: readonly WireLine[];
  readonly discount?: WireDiscount | null | undefined;
}

export interface WireLine {
  readonly quantity: string;
  readonly unit_price: string;
  readonly taxes?: readonly WireTax[] | undefined;
  readonly discount?: WireDiscount | null | undefined;
}

export interface WireTax {
  readonly code: string;
  readonly rate: string;
}

/** Rightly one percentage or one amount; what else was written is the engine's to refuse. */
export type WireDiscount = { readonly percent: string } | { readonly amount: string } | Readonly<Record<string, string>>;

/** Prices a cart as it travels; the till's own cart takes this way. */
export function quoteWire(cart: WireCart): QuoteResult {
  const { exponent } = cart;
  // Prices are read by the exponent, so it is checked before any of them.
  if (!Number.isSafeInteger(exponent) || exponent < 0 || exponent > EXPONENT_MAX) return NOT_A_CART;
  return quoteSource({
    exponent,
    pricesIncludeTax: cart.prices_include_tax,
    cashStepMinor: cart.cash_step,
    lines: cart.lines.map((line) => sourceOf(line, exponent)),
    discount: () => discountOf(cart.discount, exponent),
  });
}

const NOT_A_CART: QuoteResult = { ok: false, error: { code: "invalid_cart", place: "line" } };

function sourceOf(line: WireLine, exponent: number): LineSource {
  const taxOf = ({ code, rate }: WireTax): Tax => ({ code, ratePpm: decimalOr(rate, RATE_DECIMALS, "invalid_rate") });
  return {
    quantityMilli: () => decimalOr(line.quantity, QUANTITY_DECIMALS, "invalid_quantity"),
    unitPriceMinor: () => decimalOr(line.unit_price, exponent, "invalid_price"),
    taxes: () => (line.taxes ?? []).map(taxOf),
    discount: () => discountOf(line.discount, exponent),
  };
}

function discountOf(discount: WireDiscount | null | undefined, exponent: number): Discount | undefined {
  if (discount === null || discount === undefined) return undefined;
  const [only, ...others] = Object.entries(discount);
  if (only === undefined || others.length > 0) throw new Refused("invalid_discount");
  const [name, text] = only;
  if (name === "percent") return { percentE6: decimalOr(text, PERCENT_DECIMALS, "invalid_percent") };
  if (name !== "amount") throw new Refused("invalid_discount");
  const amount = parseDecimal(text, exponent);
  if (amount.ok) return { amountMinor: amount.value };
  // An amount too large to hold is an amount all the same, only more than any cart's.
  throw new Refused(amount.error === "too_large" ? "discount_exceeds_amount" : "invalid_amount");
}

function decimalOr(text: string, decimals: number, code: QuoteErrorCode): number {
  const result = parseDecimal(text, decimals);
  if (!result.ok) throw new Refused(code);
  return result.value;
}

function answer(line: string): QuoteResult {
  try {
    return quoteWire(readCart(line));
  } catch (error) {
    if (error instanceof NotACart) return NOT_A_CART;
    throw error;
  }
}

class NotACart extends Error {}

function readCart(text: string): WireCart {
  const members = new Members(readJson(text));
  const cart = {
    name: members.optional("name", asText),
    exponent: members.required("exponent", asInteger),
    prices_include_tax: members.required("prices_include_tax", asBoolean),
    cash_step: members.required("cash_step", asInteger),
    lines: members.required("lines", asList).map(readLine),
    discount: members.optional("discount", readDiscount),
  };
  members.end();
  return cart;
}

function readLine(json: Json): WireLine {
  const members = new Members(json);
  const line = {
    quantity: members.required("quantity", asText),
    unit_price: members.required("unit_price", asText),
    taxes: members.optional("taxes", asList)?.map(readTax),
    discount: members.optional("discount", readDiscount),
  };
  members.end();
  return line;
}

function readTax(json: Json): WireTax {
  const members = new Members(json);
  const tax = { code: members.required("code", asText), rate: members.required("rate", asText) };
  members.end();
  return tax;
}

function readDiscount(json: Json): WireDiscount | null {
  if (json === null) return null;
  // `fromEntries` defines members, so that even `__proto__` is one like any other.
  return Object.fromEntries([...asObject(json)].map(([name, value]) => [name, asText(value)]));
}

/** The members of an object, taken one by one until none is left that nobody knows. */
class Members {
  private readonly object: JsonObject;

  constructor(json: Json | undefined) {
    this.object = asObject(json);
  }

  required<T>(name: string, as: (json: Json) => T): T {
    const value = this.optional(name, as);
    if (value === undefined) throw new NotACart();
    return value;
  }

  optional<T>(name: string, as: (json: Json) => T): T | undefined {
    const json = this.object.get(name);
    if (json === undefined) return undefined;
    this.object.delete(name);
    return as(json);
  }

  end(): void {
    if (this.object.size > 0) throw new NotACart();
  }
}

function asObject(json: Json | undefined): JsonObject {
  if (json instanceof Map) return json;
  throw new NotACart();
}

function asList(json: Json): Json[] {
  if (Array.isArray(json)) return json;
  throw new NotACart();
}

function asText(json: Json): string {
  if (typeof json === "string") return json;
  throw new NotACart();
}

function asInteger(json: Json): number {
  if (typeof json === "number") return json;
  throw new NotACart();
}

function asBoolean(json: Json): boolean {
  if (typeof json === "boolean") return json;
  throw new NotACart();
}

/** The answer's members in the order in which they are written. */
function quoteAnswer(quote: Quote): object {
  return {
    lines: quote.lines.map((line) => ({
      unit_final: line.unitFinalMinor,
      gross: line.grossMinor,
      discount: line.discountMinor,
      total: line.totalMinor,
      base: line.baseMinor,
      tax: line.taxMinor,
    })),
    taxes: quote.taxes.map((tax) => ({
      code: tax.code,
      rate: formatDecimalShortest(tax.ratePpm, RATE_DECIMALS),
      base: tax.baseMinor,
      amount: tax.amountMinor,
    })),
    gross: quote.grossMinor,
    discount: quote.discountMinor,
    base: quote.baseMinor,
    tax: quote.taxMinor,
    total: quote.totalMinor,
    cash_total: quote.cashTotalMinor,
  };
}
