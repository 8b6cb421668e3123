import assert from "node:assert/strict";
import { test } from "node:test";
import { cart, product, shop } from "./builders.ts";
import { add, adding, setLinePrice } from "./cart.ts";
import { followCart, type Following } from "./follow.ts";
import type { Product } from "./model.ts";
import { priceCart } from "./pricing.ts";

const before = shop({ prices_include_tax: false });
const after = shop({ prices_include_tax: true });
const box = { code: "24", pack: "24", price: "50000.00" };
const rice = product({ price: "2436.97", barcodes: [box, { code: "6", pack: "6", price: null }] });

const to = (now: Product, rules: Partial<Following> = {}): Following => ({ product: (id) => (id === now.id ? now : undefined), before, after: before, ...rules });
const sixPack = rice.barcodes[1] ?? null;
const filled = add(add(add(cart(), adding(rice, null, 3000, 2)), adding(rice, box, 1000, 2)), adding(rice, sixPack, 1000, 2));

test("an open ticket takes over prices and taxes, and only then is another", () => {
  assert.equal(followCart(filled, to(rice)), filled);
  const taxed = followCart(filled, to({ ...rice, taxes: [{ code: "IVA", rate: "5" }] }));
  assert.deepEqual(taxed.lines.map((line) => line.taxes[0]?.rate), ["5", "5", "5"]);
  const dearer = followCart(filled, to({ ...rice, price: "3000.00" }));
  assert.deepEqual(dearer.lines.map((line) => line.unit_price), ["3000.00", "50000.00", "18000.00"]);
});

test("what prices mean changes with them, and the customer pays the same", () => {
  const now = { ...rice, price: "2899.99", barcodes: [{ ...box, price: "59500.00" }, ...rice.barcodes.slice(1)] };
  const followed = followCart(filled, to(now, { after }));
  assert.deepEqual(followed.lines.map((line) => line.unit_price), ["2899.99", "59500.00", "17399.94"]);
  const [was, is] = [priceCart(filled, before), priceCart(followed, after)];
  assert.ok(was.kind === "priced" && is.kind === "priced");
  assert.deepEqual(was.lines.slice(0, 2).map((line) => line.totalMinor), is.lines.slice(0, 2).map((line) => line.totalMinor));
});

test("a price that was agreed stays what the customer pays", () => {
  const agreed = setLinePrice(add(cart(), adding(rice, null, 1000, 2)), 1, "2100.84");
  assert.equal(followCart(agreed, to({ ...rice, price: "9000.00" })).lines[0]?.unit_price, "2100.84");
  assert.equal(followCart(agreed, to({ ...rice, price: "9000.00" }, { after })).lines[0]?.unit_price, "2500.00");
});

test("a product that is gone stays on the ticket as it was", () => {
  const gone = { ...to(rice), product: () => undefined };
  assert.equal(followCart(filled, gone), filled);
});
