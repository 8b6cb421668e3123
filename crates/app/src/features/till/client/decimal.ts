/**
 * Decimals as text: the plain form that travels, and what people type; the counterpart of
 * `crates/domain/src/decimal.rs`.
 *
 * A number is never a fraction here: text goes to a scaled whole number and back.
 */

/** The longest decimal text accepted, in characters. */
export const DECIMAL_CHARS_MAX = 24;

export type DecimalError = "empty" | "too_long" | "malformed" | "too_many_decimals" | "too_large" | "ambiguous";

export type DecimalResult = { ok: true; value: number } | { ok: false; error: DecimalError };

/** The separators a shop's people type. */
export interface Locale {
  /** Before the decimals. */
  readonly decimal: string;
  /** Between thousands. */
  readonly group: string;
}

const PLAIN = /^([0-9]+)(?:\.([0-9]+))?$/;

/** Reads the plain form (`"12000.50"`) as a whole number scaled by 10^`decimals`. */
export function parseDecimal(text: string, decimals: number): DecimalResult {
  if (text === "") return refuse("empty");
  if (characters(text) > DECIMAL_CHARS_MAX) return refuse("too_long");
  const match = PLAIN.exec(text);
  if (match === null) return refuse("malformed");
  const [, whole = "", fraction = ""] = match;
  if (fraction.length > decimals) return refuse("too_many_decimals");
  const value = BigInt(whole + fraction.padEnd(decimals, "0"));
  if (value > BigInt(Number.MAX_SAFE_INTEGER)) return refuse("too_large");
  return { ok: true, value: Number(value) };
}

/** Writes a scaled whole number in the plain form with all its decimals: `"12000.00"`. */
export function formatDecimal(value: number, decimals: number): string {
  const sign = value < 0 ? "-" : "";
  const digits = String(Math.abs(value)).padStart(decimals + 1, "0");
  if (decimals === 0) return sign + digits;
  return `${sign}${digits.slice(0, -decimals)}.${digits.slice(-decimals)}`;
}

/** Writes a scaled whole number without trailing zeros, as rates are: `"10.5"`. */
export function formatDecimalShortest(value: number, decimals: number): string {
  const full = formatDecimal(value, decimals);
  return decimals === 0 ? full : full.replace(/\.?0+$/, "");
}

/**
 * Reads what a person typed (`1.234,56`) as a whole number scaled by 10^`decimals`.
 *
 * Groups of thousands must be complete, so a decimal typed with the group separator
 * (`12.50`) is refused rather than read as 1250; one lone group (`1.234`) is ambiguous
 * where the number may have three decimals.
 */
export function parseTyped(text: string, locale: Locale, decimals: number): DecimalResult {
  const trimmed = text.trim();
  if (characters(trimmed) > DECIMAL_CHARS_MAX) return refuse("too_long");
  const point = trimmed.indexOf(locale.decimal);
  const whole = point < 0 ? trimmed : trimmed.slice(0, point);
  const fraction = point < 0 ? undefined : trimmed.slice(point + locale.decimal.length);
  const groups = splitGroups(whole, locale.group);
  const [first = "", ...others] = groups;
  const groupedWell =
    others.length === 0 || (first.length >= 1 && first.length <= 3 && others.every((group) => group.length === 3));
  if (!groupedWell) return refuse("malformed");
  const plain = groups.join("") + (fraction === undefined ? "" : `.${fraction}`);
  const result = parseDecimal(plain, decimals);
  // A blank never separates decimals anywhere, so it leaves no doubt.
  const looksDecimal = /^[.,]$/.test(locale.group) && others.length === 1 && fraction === undefined;
  return result.ok && looksDecimal && decimals >= 3 ? refuse("ambiguous") : result;
}

/** A locale that groups with a blank also accepts the unbreakable ones phones put there. */
function splitGroups(whole: string, group: string): string[] {
  return group === " " ? whole.split(/[ \u00a0\u202f]/) : whole.split(group);
}

function characters(text: string): number {
  // Few texts are long, so the exact count is taken only when it could matter.
  return text.length <= DECIMAL_CHARS_MAX ? text.length : [...text].length;
}

function refuse(error: DecimalError): DecimalResult {
  return { ok: false, error };
}
