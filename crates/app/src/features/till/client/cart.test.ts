import assert from "node:assert/strict";
import { test } from "node:test";
import { cart, cheese, NOW, product, shop } from "./builders.ts";
import { add, adding, emptyCart, finish, forgetScan, hold, quantitiesByProduct, recall, removeLine, replaceScan, setLineDiscount, setLineNote, setLinePrice, setQuantity, step, type Cart } from "./cart.ts";
import type { Product } from "./model.ts";

const { exponent } = shop();
const rice = product();

function scan(before: Cart, what: Product, at = 0): Cart {
  return add(before, adding(what, what.barcodes[at] ?? null, 1000, exponent));
}

function lines(of: Cart): [string, number, string][] {
  return of.lines.map((line) => [line.name, line.quantityMilli, line.unit_price]);
}

test("scanning the same product twice makes one line of two", () => {
  const after = scan(scan(cart(), rice), rice);
  assert.deepEqual(lines(after), [["Arroz Diana 500 g", 2000, "2900.00"]]);
  assert.equal(after.now, after.lines[0]?.key);
});

test("two barcodes of one product add up", () => {
  const two = product({ barcodes: [{ code: "1", pack: "1", price: null }, { code: "2", pack: "1", price: null }] });
  assert.deepEqual(lines(scan(scan(cart(), two, 0), two, 1)), [["Arroz Diana 500 g", 2000, "2900.00"]]);
});

test("a box of 24 is a line of its own, at its own price or 24 times the unit's", () => {
  const boxed = product({ barcodes: [{ code: "1", pack: "1", price: null }, { code: "2", pack: "24", price: "60000.00" }, { code: "3", pack: "6", price: null }] });
  const after = scan(scan(scan(cart(), boxed, 0), boxed, 1), boxed, 2);
  assert.deepEqual(after.lines.map((line) => [line.pack, line.quantityMilli, line.unit_price]), [["1", 1000, "2900.00"], ["24", 1000, "60000.00"], ["6", 1000, "17400.00"]]);
  assert.equal(quantitiesByProduct(after).get("arroz"), 31_000);
});

test("scan, 2, scan, 2 of one product is four, never twenty-two", () => {
  const after = replaceScan(scan(replaceScan(scan(cart(), rice), 2), rice), 2);
  assert.deepEqual(lines(after), [["Arroz Diana 500 g", 4000, "2900.00"]]);
});

test("a number counts only right after the scan", () => {
  const scanned = scan(cart(), rice);
  assert.deepEqual(replaceScan(forgetScan(scanned), 9), forgetScan(scanned));
  const changed = step(scanned, scanned.now ?? 0, 1);
  assert.equal(changed.freshScan, null);
  assert.equal(replaceScan(replaceScan(scanned, 5), 7).lines[0]?.quantityMilli, 5000);
});

test("what is weighed stays one line a weighing", () => {
  const weigh = (before: Cart, milli: number): Cart => add(before, { ...adding(cheese(), null, milli, exponent) });
  assert.deepEqual(weigh(weigh(cart(), 755), 500).lines.map((line) => line.quantityMilli), [755, 500]);
});

test("a changed price or a note keeps the next scan on a line of its own", () => {
  const repriced = setLinePrice(scan(cart(), rice), 1, "2500.00");
  assert.equal(repriced.lines[0]?.priceChanged, true);
  assert.equal(scan(repriced, rice).lines.length, 2);
  assert.equal(scan(setLineNote(scan(cart(), rice), 1, "  para mañana "), rice).lines.length, 2);
  assert.equal(setLineNote(scan(cart(), rice), 1, "   ").lines[0]?.note, null);
});

test("quantities leave the cart whole: zero takes out, halves of units and too much are ignored", () => {
  const one = scan(cart(), rice);
  assert.deepEqual(setQuantity(one, 1, 0).lines, []);
  assert.deepEqual(step(one, 1, -1).lines, []);
  assert.equal(setQuantity(one, 1, 1500).lines[0]?.quantityMilli, 1000);
  assert.equal(setQuantity(one, 1, 1_000_000_001).lines[0]?.quantityMilli, 1000);
  assert.equal(setQuantity(one, 1, 7000).lines[0]?.quantityMilli, 7000);
});

test("taking a line out moves to its neighbour", () => {
  const three = scan(scan(scan(cart(), rice), product({ id: "b" })), product({ id: "c" }));
  assert.equal(removeLine(three, 3).now, 2);
  assert.equal(removeLine(removeLine(removeLine(three, 3), 2), 1).now, null);
  assert.equal(removeLine(three, 1).now, 3);
});

test("a discount belongs to its line and survives another scan of it", () => {
  const after = scan(setLineDiscount(scan(cart(), rice), 1, { percent: "10" }), rice);
  assert.deepEqual(after.lines.map((line) => [line.quantityMilli, line.discount]), [[2000, { percent: "10" }]]);
});

test("tickets are held and recalled without losing one", () => {
  const first = scan(emptyCart("first", NOW), rice);
  const second = scan(emptyCart("second", NOW), product({ id: "b" }));
  const held = hold({ current: first, held: [] }, emptyCart("fresh", NOW));
  assert.deepEqual([held.current.id, held.held.map((each) => each.id)], ["fresh", ["first"]]);
  const swapped = recall({ ...held, current: second }, "first");
  assert.deepEqual([swapped.current.id, swapped.held.map((each) => each.id)], ["first", ["second"]]);
  assert.equal(swapped.current.freshScan, null);
  const paid = finish(swapped, emptyCart("next", NOW));
  assert.deepEqual([paid.current.id, paid.held.map((each) => each.id)], ["next", ["second"]]);
});

test("holding an empty ticket and recalling an unknown one change nothing", () => {
  const tickets = { current: emptyCart("a", NOW), held: [] };
  assert.equal(hold(tickets, emptyCart("b", NOW)), tickets);
  assert.equal(recall(tickets, "nobody"), tickets);
});
