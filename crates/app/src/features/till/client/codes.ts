/**
 * What a scanned code stands for: a barcode of the catalogue, a label of the
 * shop's own scale, or nothing known.
 *
 * Owns: check digits and the in-store range. Must not know: the cart, the
 * screen, where products are kept (it is given a look-up).
 */

import type { Barcode, Product, ScaleCode } from "./model.ts";

export interface CodeLookup {
  byBarcode(code: string): { product: Product; barcode: Barcode } | undefined;
  bySku(sku: string): Product | undefined;
}

export type Found =
  | { kind: "barcode"; product: Product; barcode: Barcode }
  | { kind: "weight"; product: Product; quantityMilli: number }
  | { kind: "price"; product: Product; value: number; valueDecimals: number }
  | { kind: "unknown"; code: string };

/** GS1 General Specifications 7.9: weights 3 and 1 from the right. */
export function checkDigit(body: string): number {
  let sum = 0;
  for (let at = 0; at < body.length; at += 1) sum += Number(body[body.length - 1 - at]) * (at % 2 === 0 ? 3 : 1);
  return (10 - (sum % 10)) % 10;
}

export function hasValidCheckDigit(code: string): boolean {
  return /^\d{8}$|^\d{12,14}$/.test(code) && checkDigit(code.slice(0, -1)) === Number(code.slice(-1));
}

/**
 * The spellings under which one code is kept: scanners give UPC-A with 12
 * digits or as EAN-13 with a zero in front, by their setting.
 */
export function spellings(code: string): string[] {
  if (/^\d{12}$/.test(code)) return [code, `0${code}`];
  if (/^0\d{12}$/.test(code)) return [code, code.slice(1)];
  return [code];
}

/**
 * Exact barcodes win, so that a shop may give its products codes of the range
 * 20–29; only what is unknown is read as a label of the scale.
 */
export function findCode(raw: string, lookup: CodeLookup, patterns: readonly ScaleCode[]): Found {
  const code = raw.trim();
  for (const spelling of spellings(code)) {
    const hit = lookup.byBarcode(spelling);
    if (hit !== undefined) return { kind: "barcode", ...hit };
  }
  const label = readLabel(code, lookup, patterns);
  if (label !== undefined) return label;
  const product = lookup.bySku(code);
  if (product !== undefined) return { kind: "barcode", product, barcode: { code, pack: "1", price: null } };
  return { kind: "unknown", code };
}

function readLabel(code: string, lookup: CodeLookup, patterns: readonly ScaleCode[]): Found | undefined {
  if (!/^2\d{12}$/.test(code) || !hasValidCheckDigit(code)) return undefined;
  for (const pattern of patterns) {
    const itemEnd = pattern.prefix.length + pattern.item_digits;
    if (!code.startsWith(pattern.prefix) || itemEnd + pattern.value_digits > 12) continue;
    const product = labelProduct(code, pattern, lookup);
    const value = Number(code.slice(12 - pattern.value_digits, 12));
    if (product === undefined || value === 0) continue;
    if (pattern.holds === "price") return { kind: "price", product, value, valueDecimals: pattern.value_decimals };
    return { kind: "weight", product, quantityMilli: value * 10 ** (3 - pattern.value_decimals) };
  }
  return undefined;
}

/** Scales know a product by its item number, kept as SKU or as a barcode with the value left at zero. */
function labelProduct(code: string, pattern: ScaleCode, lookup: CodeLookup): Product | undefined {
  const item = code.slice(pattern.prefix.length, pattern.prefix.length + pattern.item_digits);
  const stem = `${pattern.prefix}${item}`.padEnd(12, "0");
  const kept = lookup.byBarcode(`${stem}${checkDigit(stem)}`) ?? lookup.byBarcode(`${pattern.prefix}${item}`);
  return kept?.product ?? lookup.bySku(item) ?? lookup.bySku(item.replace(/^0+/, ""));
}
