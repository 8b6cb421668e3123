import assert from "node:assert/strict";
import { test } from "node:test";
import { cart, cheese, product, shop } from "./builders.ts";
import { add, adding, setDiscount, setLineDiscount, type Cart } from "./cart.ts";
import type { Discount } from "./model.ts";
import { isCartWithinRight, isWithinRight, priceCart, problemOfDiscount, shelfPriceMinor, storedPriceMinor } from "./pricing.ts";

const rules = shop();

function filled(): Cart {
  const rice = add(cart(), adding(product(), null, 3000, 2));
  return add(rice, adding(cheese(), null, 755, 2));
}

test("an empty cart has no price, and a full one the engine's", () => {
  assert.deepEqual(priceCart(cart(), rules), { kind: "empty" });
  const priced = priceCart(filled(), rules);
  assert.ok(priced.kind === "priced");
  assert.deepEqual([priced.quote.totalMinor, priced.lines.map((line) => line.totalMinor), priced.saleDiscountMinor], [1_843_950, [870_000, 973_950], 0]);
});

test("lines are shown before their share of the sale's discount, which stands on its own", () => {
  const priced = priceCart(setDiscount(setLineDiscount(filled(), 1, { percent: "10" }), { amount: "1000.00" }), rules);
  assert.ok(priced.kind === "priced");
  assert.deepEqual(priced.lines.map((line) => [line.grossMinor, line.discountMinor, line.totalMinor]), [[870_000, 87_000, 783_000], [973_950, 0, 973_950]]);
  assert.equal(priced.saleDiscountMinor, 100_000);
  assert.equal(priced.quote.totalMinor, 1_656_950);
});

test("a discount beyond the sale makes it impossible, by name and place", () => {
  const priced = priceCart(setDiscount(filled(), { amount: "99999.00" }), rules);
  assert.deepEqual(priced, { kind: "impossible", error: { code: "discount_exceeds_amount", place: "discount" } });
});

test("the shelf shows the price with tax, whatever way it is kept", () => {
  assert.equal(shelfPriceMinor(product(), rules), 290_000);
  const net = shop({ prices_include_tax: false });
  assert.equal(shelfPriceMinor(product({ price: "2436.97" }), net), 289_999);
  assert.equal(shelfPriceMinor(product({ price: "10000.00" }), net), 1_190_000);
  for (const final of [1_190_000, 290_000, 100]) {
    const stored = storedPriceMinor(final, product().taxes, net);
    const back = shelfPriceMinor(product({ price: `${Math.trunc(stored / 100)}.${String(stored % 100).padStart(2, "0")}` }), net) ?? 0;
    assert.ok(Math.abs(back - final) <= 1, `${final} becomes ${back}`);
  }
  assert.equal(storedPriceMinor(290_000, product().taxes, rules), 290_000);
});

test("a seller's right is held to the last unit", () => {
  const right = { max_discount_percent: "10" };
  assert.equal(isWithinRight(87_000, 870_000, right), true);
  assert.equal(isWithinRight(87_001, 870_000, right), false);
  const cases: [Discount, string | null][] = [
    [{ percent: "10" }, null],
    [{ percent: "10.000001" }, "beyond_right"],
    [{ percent: "101" }, "too_much"],
    [{ percent: "0" }, "unreadable"],
    [{ amount: "870.00" }, null],
    [{ amount: "870.01" }, "beyond_right"],
    [{ amount: "9000.00" }, "too_much"],
    [{ amount: "x" }, "unreadable"],
  ];
  for (const [discount, problem] of cases) assert.equal(problemOfDiscount(discount, 870_000, right, 2), problem, JSON.stringify(discount));
});

test("a line's own discount and its share of the sale's count together against the right", () => {
  const right = { max_discount_percent: "10" };
  const cases: [own: string | null, whole: string | null, allowed: boolean][] = [[null, null, true], ["10", null, true], [null, "10", true], ["6", "6", false], ["4", "6", true], ["10", "1", false]];
  for (const [own, whole, allowed] of cases) {
    const discounted = setDiscount(setLineDiscount(filled(), 1, own === null ? null : { percent: own }), whole === null ? null : { percent: whole });
    assert.equal(isCartWithinRight(discounted, rules, right), allowed, `${own} and ${whole}`);
  }
  assert.equal(isCartWithinRight(setLineDiscount(filled(), 1, { percent: "1" }), rules, { max_discount_percent: "0" }), false);
});
