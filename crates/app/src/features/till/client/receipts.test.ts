import assert from "node:assert/strict";
import { test } from "node:test";
import { finishCharge, openCharge } from "./paying.ts";
import { notePrinted, printsOf, receiptFor } from "./receipts.ts";
import { nobody, RICE, scene, takesAll } from "./scene.ts";
import { scan } from "./selling.ts";

test("a print is counted where it is kept, and does not undo what the outbox wrote meanwhile", async () => {
  const made = await scene();
  const { world, store } = made;
  made.server = nobody;
  scan(world, RICE);
  openCharge(world);
  await finishCharge(world);
  const sale = world.state.paid.value?.sale;
  assert.ok(sale);
  assert.equal(receiptFor(world, sale, false).isUnsent, true);
  made.server = takesAll;
  await world.outbox.drain();
  assert.equal(await notePrinted(world, sale.id), 1);
  assert.equal(await notePrinted(world, sale.id), 2);
  assert.deepEqual([(await store.sale(sale.id))?.state, await printsOf(world, sale.id)], ["delivered", 2]);
});

test("a receipt is found by what its bars say", async () => {
  const { world, store } = await scene();
  scan(world, RICE);
  openCharge(world);
  await finishCharge(world);
  assert.equal((await store.saleNumbered("C1-201"))?.id, world.state.paid.value?.sale.id);
  assert.equal(await store.saleNumbered("C1-202"), undefined);
});
