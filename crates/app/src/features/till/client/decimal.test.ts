import assert from "node:assert/strict";
import { test } from "node:test";
import { formatDecimal, formatDecimalShortest, type Locale, parseDecimal, parseTyped } from "./decimal.ts";

const COLOMBIA: Locale = { decimal: ",", group: "." };
const MEXICO: Locale = { decimal: ".", group: "," };
const BLANKS: Locale = { decimal: ",", group: " " };

test("the plain form is digits and at most one point", () => {
  const cases: [string, number, number | string][] = [
    ["12000.50", 2, 1_200_050],
    ["12000", 2, 1_200_000],
    ["0.5", 3, 500],
    ["007", 0, 7],
    ["000000000000000000000001", 0, 1],
    ["0000000000000000000000001", 0, "too_long"],
    ["9007199254740991", 0, Number.MAX_SAFE_INTEGER],
    ["9007199254740992", 0, "too_large"],
    ["", 2, "empty"],
    ["1.", 2, "malformed"],
    [".5", 2, "malformed"],
    ["-1", 2, "malformed"],
    ["1e3", 2, "malformed"],
    ["1,5", 2, "malformed"],
    ["1\n", 2, "malformed"],
    ["٣", 2, "malformed"],
    ["1.000", 2, "too_many_decimals"],
  ];
  for (const [text, decimals, expected] of cases) {
    const result = parseDecimal(text, decimals);
    assert.equal(result.ok ? result.value : result.error, expected, text);
  }
});

test("typed numbers follow the locale and ambiguous ones are refused", () => {
  const cases: [string, Locale, number, number | string][] = [
    ["1.234,56", COLOMBIA, 2, 123_456],
    [" 1.234.567 ", COLOMBIA, 2, 123_456_700],
    ["1.234", COLOMBIA, 2, 123_400],
    ["1.234", COLOMBIA, 3, "ambiguous"],
    ["1.234,0", COLOMBIA, 3, 1_234_000],
    ["12.50", COLOMBIA, 2, "malformed"],
    [".234", COLOMBIA, 2, "malformed"],
    ["1,234", COLOMBIA, 2, "too_many_decimals"],
    ["1,", COLOMBIA, 2, "malformed"],
    ["", COLOMBIA, 2, "empty"],
    ["-5", COLOMBIA, 2, "malformed"],
    ["1,234.56", MEXICO, 2, 123_456],
    ["12.50", MEXICO, 2, 1_250],
    ["1,234", MEXICO, 3, "ambiguous"],
    ["1\u202f234", BLANKS, 3, 1_234_000],
  ];
  for (const [text, locale, decimals, expected] of cases) {
    const result = parseTyped(text, locale, decimals);
    assert.equal(result.ok ? result.value : result.error, expected, text);
  }
});

test("what is written reads back, rates without trailing zeros", () => {
  assert.equal(formatDecimal(1_200_000, 2), "12000.00");
  assert.equal(formatDecimal(5, 2), "0.05");
  assert.equal(formatDecimal(-5, 2), "-0.05");
  assert.equal(formatDecimal(100, 0), "100");
  assert.equal(formatDecimalShortest(190_000, 4), "19");
  assert.equal(formatDecimalShortest(105_000, 4), "10.5");
  assert.equal(formatDecimalShortest(1_000_000, 4), "100");
  assert.equal(formatDecimalShortest(0, 4), "0");
  assert.equal(formatDecimalShortest(1_200, 0), "1200");
});
