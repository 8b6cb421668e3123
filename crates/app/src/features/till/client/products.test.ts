import assert from "node:assert/strict";
import { test } from "node:test";
import { answered, product } from "./builders.ts";
import type { Item, Outcome } from "./model.ts";
import { finishCharge, openCharge, typeAmount } from "./paying.ts";
import { createProduct, mayCreateProducts, taxSets, type Making } from "./products.ts";
import { EXCLUDED, IVA, nobody, scene, SESSION, takesAll } from "./scene.ts";
import { scan } from "./selling.ts";

const CODE = "7702177008474";
const LOLLIPOP: Making = { name: " Bon Bon Bum ", code: CODE, finalMinor: 60_000, unit: "unidad", taxSet: IVA };

const says = (outcome: "refused" | "review", code: string, fields: Record<string, unknown> = {}) => (items: Item[]) =>
  answered(items.map((item): Outcome => ({ id: item.id, outcome, data: { code, message: "", fields } })));

test("a code nobody knows becomes a product, on the ticket and at the server", async () => {
  const { world, store, delivered } = await scene();
  scan(world, CODE);
  assert.equal(world.state.unknownCode.value, CODE);
  assert.equal(await createProduct(world, LOLLIPOP, 3000), true);
  assert.deepEqual(delivered.map(({ kind, content }) => ({ kind, content })), [{ kind: "product", content: { name: "Bon Bon Bum", code: CODE, price: "600.00", unit: "unidad", tax_set_id: "iva" } }]);
  assert.deepEqual(world.state.tickets.value.current.lines.map((line) => [line.name, line.quantityMilli, line.unit_price]), [["Bon Bon Bum", 3000, "600.00"]]);
  assert.equal(world.state.unknownCode.value, null);
  assert.deepEqual(world.catalog.find("bon bon", 5).map(({ name }) => name), ["Bon Bon Bum"]);
  scan(world, CODE);
  assert.equal(world.state.tickets.value.current.lines[0]?.quantityMilli, 4000);
  const kept: string[] = [];
  await store.eachProductSlice(10, (products) => void kept.push(...products.map(({ name }) => name)));
  assert.deepEqual(kept, ["Bon Bon Bum"]);
});

test("a product made offline travels before the sale that needs it", async () => {
  const made = await scene();
  const { world } = made;
  made.server = nobody;
  await createProduct(world, LOLLIPOP, 1000);
  openCharge(world);
  typeAmount(world, "600");
  await finishCharge(world);
  assert.equal(world.state.paid.value?.isOffline, true);
  made.server = takesAll;
  await world.outbox.drain();
  assert.deepEqual(made.delivered.map(({ kind, offline }) => [kind, offline]), [["product", true], ["sale", true]]);
});

test("where another till was quicker, its product is sold", async () => {
  const made = await scene();
  const { world } = made;
  made.server = says("refused", "CODE_TAKEN", { code: "other" });
  // The catalogue that the refusal makes the till pull; here it is there already.
  world.catalog.take([product({ id: "other", name: "Bombón", barcodes: [{ code: CODE, pack: "1", price: null }] })], [], world.catalog.state);
  assert.equal(await createProduct(world, LOLLIPOP, 1000), true);
  assert.deepEqual(world.state.tickets.value.current.lines.map((line) => line.product_id), ["other"]);
  assert.match(world.state.notice.value?.text ?? "", /ya es de otro producto/);
});

test("what is refused or to be reviewed is sold by nobody and kept nowhere", async () => {
  for (const [server, isDone] of [[says("refused", "PERMISSION_DENIED"), false], [says("review", "CONFLICT"), true]] as const) {
    const made = await scene();
    made.server = server;
    assert.equal(await createProduct(made.world, LOLLIPOP, 1000), isDone);
    assert.equal(made.world.state.tickets.value.current.lines.length, 0);
    assert.equal(made.world.catalog.byBarcode(CODE), undefined);
    const kept: string[] = [];
    await made.store.eachProductSlice(10, (products) => void kept.push(...products.map(({ name }) => name)));
    assert.deepEqual(kept, []);
    assert.notEqual(made.world.state.notice.value, null);
  }
});

test("what is measured asks for its weight before it is on the ticket", async () => {
  const { world } = await scene();
  await createProduct(world, { ...LOLLIPOP, unit: "kg", code: null, taxSet: EXCLUDED }, 1000);
  assert.equal(world.state.dialog.value?.kind, "weight");
  assert.equal(world.state.tickets.value.current.lines.length, 0);
});

test("only who has the right, with the shop's taxes at hand, makes products", async () => {
  const { world } = await scene();
  assert.equal(mayCreateProducts(world), false);
  world.state.answer.value = { ...SESSION, rights: { ...SESSION.rights, create_product: true } };
  assert.equal(mayCreateProducts(world), true);
  assert.deepEqual(taxSets(world).map(({ id }) => id), ["iva", "excluded"]);
  world.catalog.take([], [], { ...world.catalog.state, tax_sets: [] });
  assert.equal(mayCreateProducts(world), false);
});
