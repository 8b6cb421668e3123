import assert from "node:assert/strict";
import { test } from "node:test";
import { cheese, product } from "./builders.ts";
import { checkDigit, findCode, hasValidCheckDigit, type CodeLookup } from "./codes.ts";
import { code128, valuesOf } from "./code128.ts";
import type { Product, ScaleCode } from "./model.ts";

const WEIGHT: ScaleCode = { prefix: "21", holds: "weight", item_digits: 5, value_digits: 5, value_decimals: 3 };
const PRICE: ScaleCode = { prefix: "22", holds: "price", item_digits: 5, value_digits: 5, value_decimals: 0 };

function lookup(...products: Product[]): CodeLookup {
  return {
    byBarcode(code) {
      for (const each of products) for (const barcode of each.barcodes) if (barcode.code === code) return { product: each, barcode };
      return undefined;
    },
    bySku: (sku) => products.find((each) => each.sku === sku),
  };
}

function withCheck(body: string): string {
  return `${body}${checkDigit(body)}`;
}

test("check digits are those of published codes", () => {
  for (const code of ["4006381333931", "73513537", "036000291452", "9780201379624"]) assert.ok(hasValidCheckDigit(code), code);
  for (const code of ["4006381333932", "7351353", "123456"]) assert.ok(!hasValidCheckDigit(code), code);
});

test("UPC-A is found with and without the zero in front", () => {
  const short = product({ barcodes: [{ code: "036000291452", pack: "1", price: null }] });
  const long = product({ barcodes: [{ code: "0036000291452", pack: "1", price: null }] });
  for (const kept of [short, long]) for (const read of ["036000291452", "0036000291452"]) assert.equal(findCode(read, lookup(kept), []).kind, "barcode");
});

test("a label of the scale carries its weight", () => {
  assert.deepEqual(findCode(withCheck("210000500755"), lookup(cheese()), [WEIGHT]), { kind: "weight", product: cheese(), quantityMilli: 755 });
});

test("a label of the scale carries its price", () => {
  assert.deepEqual(findCode(withCheck("220000509740"), lookup(cheese()), [WEIGHT, PRICE]), { kind: "price", product: cheese(), value: 9740, valueDecimals: 0 });
});

test("the item number may be kept as a barcode with the value at zero", () => {
  const kept = cheese({ sku: null, barcodes: [{ code: withCheck("210000500000"), pack: "1", price: null }] });
  assert.equal(findCode(withCheck("210000501500"), lookup(kept), [WEIGHT]).kind, "weight");
});

test("a product whose whole code lies in the in-store range is that product", () => {
  const own = product({ barcodes: [{ code: withCheck("210000500755"), pack: "1", price: null }] });
  assert.equal(findCode(withCheck("210000500755"), lookup(own, cheese()), [WEIGHT]).kind, "barcode");
});

test("a wrong check digit, an unknown item and a weight of nothing are unknown codes", () => {
  for (const code of [`210000500755${(checkDigit("210000500755") + 1) % 10}`, withCheck("219999900755"), withCheck("210000500000"), "7700000000017"]) {
    assert.deepEqual(findCode(code, lookup(cheese()), [WEIGHT]), { kind: "unknown", code });
  }
});

test("a number is written as Code 128 with its check and its stop", () => {
  // The usual worked example, PJJ123C, has check value 54 from set A's start (103); set B's is one more.
  assert.deepEqual(valuesOf("PJJ123C"), [104, 48, 42, 42, 17, 18, 19, 35, 55]);
  assert.equal(code128("PJJ123C").width, 11 * 9 + 13);
  assert.throws(() => code128("ñ"), RangeError);
});
