import assert from "node:assert/strict";
import { test } from "node:test";
import { shop } from "./builders.ts";
import { decimalOf, formatAmount, formatMoney, formatPercent, formatQuantity, quantityDecimal, readMoney, readQuantity, unbroken } from "./money.ts";

const colombia = shop();
const mexico = shop({ country: "MX", currency: "MXN", locale: "es-MX", display_decimals: 2 });
const chile = shop({ country: "CL", currency: "CLP", locale: "es-CL", exponent: 0, display_decimals: 0 });
const peru = shop({ country: "PE", currency: "PEN", locale: "es-PE", display_decimals: 2 });
const ecuador = shop({ country: "EC", currency: "USD", locale: "es-EC", display_decimals: 2 });

test("amounts are written with the marks of the shop's country", () => {
  const cases: [number, ReturnType<typeof shop>, string][] = [
    [3_329_000, colombia, "$\u00a033.290"],
    [3_328_950, colombia, "$\u00a033.290"],
    [3_328_949, colombia, "$\u00a033.289"],
    [0, colombia, "$\u00a00"],
    [123_456_789_00, colombia, "$\u00a0123.456.789"],
    [1_234_56, mexico, "$\u00a01,234.56"],
    [33_290, chile, "$\u00a033.290"],
    [5, peru, "S/\u00a00.05"],
    [100_00, ecuador, "$\u00a0100,00"],
  ];
  for (const [minor, rules, written] of cases) assert.equal(formatMoney(minor, rules), written);
});

test("a negative amount carries the minus of mathematics, never a hyphen", () => {
  assert.equal(formatAmount(-165_000, colombia), "\u2212\u00a01.650");
  assert.equal(formatMoney(-165_000, colombia), "\u2212\u00a0$\u00a01.650");
});

test("quantities show three decimals of what is measured and none of what is counted", () => {
  assert.equal(formatQuantity(3_000, "unidad", colombia), "3");
  assert.equal(formatQuantity(500, "unidad", colombia), "0,5");
  assert.equal(formatQuantity(755, "kg", colombia), "0,755");
  assert.equal(formatQuantity(1_500, "kg", mexico), "1.500");
  assert.equal(formatPercent("12.5", colombia), "12,5\u00a0%");
});

test("what travels has a point, all decimals of money and no spare ones of quantities", () => {
  assert.equal(decimalOf(870_000, 2), "8700.00");
  assert.equal(decimalOf(-50, 2), "-0.50");
  assert.equal(decimalOf(8_700, 0), "8700");
  assert.equal(quantityDecimal(755), "0.755");
  assert.equal(quantityDecimal(3_000), "3");
  assert.equal(quantityDecimal(10_000), "10");
});

test("typed money may use either mark; nonsense is refused", () => {
  const cases: [string, ReturnType<typeof shop>, number | null][] = [
    ["50.000", colombia, 5_000_000],
    ["50000", colombia, 5_000_000],
    ["$ 1.234.567", colombia, 123_456_700],
    ["1.234,5", colombia, 123_450],
    ["12,50", colombia, 1_250],
    ["12.50", colombia, 1_250],
    ["12.50", mexico, 1_250],
    ["1,234.50", mexico, 123_450],
    ["1,234", mexico, 123_400],
    ["4.200", chile, 4_200],
    ["4.2", chile, null],
    ["1.23.456", colombia, null],
    ["1,2,3", colombia, null],
    ["12,345", colombia, null],
    ["-5", colombia, null],
    ["5e3", colombia, null],
    ["", colombia, null],
    ["١٢", colombia, null],
  ];
  for (const [typed, rules, minor] of cases) assert.equal(readMoney(typed, rules), minor, `${typed} in ${rules.locale}`);
});

test("a weight with three decimals is a weight, whichever mark is typed", () => {
  for (const typed of ["0,755", "0.755", ",755", ".755"]) assert.equal(readQuantity(typed, colombia), 755, typed);
  assert.equal(readQuantity("1.250", colombia), 1_250);
  assert.equal(readQuantity("2", colombia), 2_000);
  assert.equal(readQuantity("0,7555", colombia), null);
});

test("a number and its unit do not part", () => {
  assert.equal(unbroken("Gaseosa manzana 1,5 L"), "Gaseosa manzana 1,5\u00a0L");
  assert.equal(unbroken("Huevos AA × 30"), "Huevos AA ×\u00a030");
  assert.equal(unbroken("Pan 7 granos"), "Pan 7 granos");
});
