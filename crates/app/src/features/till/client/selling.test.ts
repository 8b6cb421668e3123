import assert from "node:assert/strict";
import { test } from "node:test";
import { product, shop } from "./builders.ts";
import { checkDigit } from "./codes.ts";
import { RICE, scene, SESSION } from "./scene.ts";
import { enter, scan, takeWaitingScans } from "./selling.ts";
import type { Dialog } from "./state.ts";

const CHEESE = "2900000000056";

test("a scan behind a dialog in which something is typed adds its line and leaves the dialog", async () => {
  const { world } = await scene();
  const typed: Dialog[] = [{ kind: "customer" }, { kind: "drawer" }, { kind: "close_session" }, { kind: "discount", lineKey: null }, { kind: "new_product", code: "1", name: "", timesMilli: 1000 }];
  for (const [at, dialog] of typed.entries()) {
    world.state.dialog.value = dialog;
    scan(world, RICE);
    assert.equal(world.state.dialog.value, dialog);
    assert.equal(world.state.tickets.value.current.lines[0]?.quantityMilli, 1000 * (at + 1));
  }
  world.state.dialog.value = { kind: "menu" };
  scan(world, RICE);
  assert.equal(world.state.dialog.value, null);
});

test("what must be weighed waits until the dialog in front of it is gone", async () => {
  const { world } = await scene();
  world.state.dialog.value = { kind: "customer" };
  scan(world, CHEESE);
  assert.deepEqual([world.state.dialog.value.kind, world.state.tickets.value.current.lines.length], ["customer", 0]);
  world.state.dialog.value = null;
  takeWaitingScans(world);
  assert.equal((world.state.dialog.value as Dialog | null)?.kind, "weight");
});

test("the code of a receipt opens what can be done with it, and no code of a product does", async () => {
  const { world } = await scene();
  scan(world, "c1-201");
  assert.deepEqual(world.state.dialog.value, { kind: "found_receipt", number: "C1-201" });
  assert.equal(world.state.unknownCode.value, null);
  world.state.dialog.value = null;
  assert.equal(enter(world, "c1-7"), true);
  assert.deepEqual(world.state.dialog.value, { kind: "found_receipt", number: "C1-7" });
  world.state.dialog.value = null;
  world.catalog.take([product({ id: "odd", barcodes: [{ code: "A-1", pack: "1", price: null }] })], [], world.catalog.state);
  scan(world, "A-1");
  assert.deepEqual([world.state.dialog.value, world.state.tickets.value.current.lines.length], [null, 1]);
  world.state.dialog.value = { kind: "customer" };
  scan(world, "C1-202");
  assert.equal((world.state.dialog.value as Dialog | null)?.kind, "customer");
});

/** A label of the shop's scale that says a price. */
function label(item: string, pesos: number): string {
  const body = `22${item}${String(pesos).padStart(5, "0")}`;
  return `${body}${checkDigit(body)}`;
}

test("a label's price stands where the product has none, and cannot change the one it has", async () => {
  const { world } = await scene();
  const patterns = shop({ scale_codes: [{ prefix: "22", holds: "price", item_digits: 5, value_digits: 5, value_decimals: 0 }] });
  world.state.answer.value = { ...SESSION, shop: patterns };
  world.catalog.take([product({ id: "open", sku: "00001", price: "0.00", barcodes: [] }), product({ id: "fixed", sku: "00002", price: "3000.00", barcodes: [] })], [], world.catalog.state);
  scan(world, label("00001", 12_300));
  scan(world, label("00002", 12_300));
  scan(world, label("00002", 3_000));
  assert.deepEqual(world.state.tickets.value.current.lines.map((line) => [line.product_id, line.unit_price]), [["open", "12300.00"], ["fixed", "3000.00"]]);
  assert.match(world.state.notice.value?.text ?? "", /otro precio.*3\.000/);
  world.state.answer.value = { ...SESSION, shop: patterns, rights: { ...SESSION.rights, price_change: true } };
  scan(world, label("00002", 12_300));
  assert.equal(world.state.tickets.value.current.lines.at(-1)?.unit_price, "12300.00");
});
