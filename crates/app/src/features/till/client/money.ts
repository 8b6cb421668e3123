/**
 * Money and quantities between the wire, the engine and the eye.
 *
 * Owns: reading what people type, writing what people read. Must not know:
 * prices, taxes, the screen. Rounding belongs to `quote.ts` and `charge.ts`.
 *
 * **Invariant:** no float ever holds an amount. A minor amount is an integer
 * below 9·10¹⁵, a quantity an integer of thousandths.
 */

import { formatDecimal, formatDecimalShortest, parseDecimal } from "./decimal.ts";
import type { Decimal, Shop, Unit } from "./model.ts";

/** Conventions of a locale; the marks are what the shop prints on its labels. */
interface Marks {
  thousands: string;
  decimal: string;
}

const NO_BREAK = "\u00a0";
const MINUS = "\u2212";
const SAFE_MAX = 9_000_000_000_000_000;

/** es-MX, es-PE and the like write 1,234.56; the rest of the region 1.234,56. */
const POINT_DECIMAL_COUNTRIES = new Set(["MX", "PE", "GT", "SV", "HN", "NI", "DO", "PA", "PR", "US"]);

const SYMBOLS: Readonly<Record<string, string>> = {
  COP: "$", MXN: "$", CLP: "$", ARS: "$", UYU: "$", USD: "US$", PEN: "S/", PYG: "₲", BRL: "R$", BOB: "Bs", GTQ: "Q", CRC: "₡", HNL: "L", NIO: "C$", DOP: "RD$",
};

/** Where the dollar is the shop's own money it needs no country before it. */
const DOLLAR_COUNTRIES = new Set(["EC", "SV", "PA", "PR", "US"]);

export type MoneyRules = Pick<Shop, "country" | "currency" | "exponent" | "display_decimals" | "locale">;

export function marksOf(rules: Pick<Shop, "locale" | "country">): Marks {
  const region = rules.locale.split("-")[1] ?? rules.country;
  return POINT_DECIMAL_COUNTRIES.has(region) ? { thousands: ",", decimal: "." } : { thousands: ".", decimal: "," };
}

export function symbolOf(rules: MoneyRules): string {
  if (rules.currency === "USD" && DOLLAR_COUNTRIES.has(rules.country)) return "$";
  return SYMBOLS[rules.currency] ?? rules.currency;
}

/** The integer behind a wire decimal, at `scale` decimals; null where it is none. */
export function scaledFromDecimal(text: string, scale: number): number | null {
  const read = parseDecimal(text, scale);
  return read.ok && read.value <= SAFE_MAX ? read.value : null;
}

/** As `scaledFromDecimal`, for what the server or this program wrote itself. */
export function minorOf(text: Decimal, exponent: number): number {
  const value = scaledFromDecimal(text, exponent);
  if (value === null) throw new RangeError(`not an amount of ${exponent} decimals: ${text}`);
  return value;
}

/** The wire's form of a minor amount: always the currency's full decimals. */
export const decimalOf: (minor: number, exponent: number) => Decimal = formatDecimal;

/** The wire's form of a quantity: at most three decimals, no trailing zeros. */
export function quantityDecimal(milli: number): Decimal {
  return formatDecimalShortest(milli, 3);
}

export function milliOf(text: Decimal): number {
  const value = scaledFromDecimal(text, 3);
  if (value === null) throw new RangeError(`not a quantity: ${text}`);
  return value;
}

function grouped(digits: string, mark: string): string {
  return digits.replace(/\B(?=(\d{3})+$)/g, mark);
}

/** Half up to the decimals that the shop shows; the amount kept is untouched. */
function shown(minor: number, rules: MoneyRules): { whole: string; fraction: string } {
  const drop = rules.exponent - rules.display_decimals;
  let value = BigInt(minor);
  if (drop > 0) {
    const unit = 10n ** BigInt(drop);
    value = (value + unit / 2n) / unit;
  }
  const digits = String(value).padStart(rules.display_decimals + 1, "0");
  if (rules.display_decimals === 0) return { whole: digits, fraction: "" };
  return { whole: digits.slice(0, -rules.display_decimals), fraction: digits.slice(-rules.display_decimals) };
}

/** `33.290`: for columns and tiles, where the sign of the currency is left out. */
export function formatAmount(minor: number, rules: MoneyRules): string {
  const marks = marksOf(rules);
  const { whole, fraction } = shown(Math.abs(minor), rules);
  const text = grouped(whole, marks.thousands) + (fraction === "" ? "" : marks.decimal + fraction);
  return minor < 0 ? `${MINUS}${NO_BREAK}${text}` : text;
}

/** `$ 33.290`: where an amount stands alone. */
export function formatMoney(minor: number, rules: MoneyRules): string {
  const amount = formatAmount(Math.abs(minor), rules);
  const text = `${symbolOf(rules)}${NO_BREAK}${amount}`;
  return minor < 0 ? `${MINUS}${NO_BREAK}${text}` : text;
}

/** `3`, `0,755`: fractions of a measured unit always show three decimals. */
export function formatQuantity(milli: number, unit: Unit, rules: Pick<Shop, "locale" | "country">): string {
  const marks = marksOf(rules);
  const whole = grouped(String(Math.trunc(milli / 1000)), marks.thousands);
  const rest = milli % 1000;
  if (unit === "unidad" && rest === 0) return whole;
  if (unit === "unidad") return whole + marks.decimal + String(rest).padStart(3, "0").replace(/0+$/, "");
  return whole + marks.decimal + String(rest).padStart(3, "0");
}

export function formatPercent(percent: Decimal, rules: Pick<Shop, "locale" | "country">): string {
  return `${percent.replace(".", marksOf(rules).decimal)}${NO_BREAK}%`;
}

/**
 * What a person typed, as a wire decimal of at most `decimals` decimals.
 *
 * Both `,` and `.` may be the decimal mark. A single mark followed by exactly
 * three digits is a thousands mark where it is the shop's own ("4.200" in
 * Bogotá) and the amount could not have three decimals; otherwise it is the
 * decimal mark ("0.755" kg). Returns null for what stays ambiguous or is not
 * a number, so that the field can say so.
 */
export function readTyped(typed: string, decimals: number, rules: Pick<Shop, "locale" | "country">): Decimal | null {
  const marks = marksOf(rules);
  const text = typed.replace(/[\s\u00a0$]/g, "");
  if (!/^\d[\d.,]*$|^[.,]\d+$/.test(text)) return null;
  const groupedShape = new RegExp(`^\\d{1,3}(\\${marks.thousands}\\d{3})+(?:\\${marks.decimal}(\\d*))?$`);
  const isGrouped = groupedShape.test(text) && (decimals < 3 || text.split(marks.thousands).length > 2);
  const plain = isGrouped ? text.replaceAll(marks.thousands, "").replace(marks.decimal, ".") : text.replace(",", ".");
  const parts = /^(\d*)(?:\.(\d*))?$/.exec(plain);
  if (parts === null) return null;
  const whole = (parts[1] ?? "").replace(/^0+(?=\d)/, "") || "0";
  const fraction = (parts[2] ?? "").replace(/0+$/, "");
  if (fraction.length > decimals || whole.length > 13) return null;
  return fraction === "" ? whole : `${whole}.${fraction}`;
}

/** A number and its unit never part at the end of a line: `1,5 L`, `× 30`. */
export function unbroken(name: string): string {
  return name.replace(/(\d) (?=(?:g|kg|mg|lb|oz|ml|cl|l|L|m|cm|mm|und|un)\b|%)/g, `$1${NO_BREAK}`).replace(/([×x]) (?=\d)/g, `$1${NO_BREAK}`);
}

/** Typed money as minor units; null where it cannot be read. */
export function readMoney(typed: string, rules: MoneyRules): number | null {
  const decimal = readTyped(typed, rules.exponent, rules);
  return decimal === null ? null : scaledFromDecimal(decimal, rules.exponent);
}

/** Typed quantity as thousandths; null where it cannot be read. */
export function readQuantity(typed: string, rules: Pick<Shop, "locale" | "country">): number | null {
  const decimal = readTyped(typed, 3, rules);
  return decimal === null ? null : scaledFromDecimal(decimal, 3);
}
