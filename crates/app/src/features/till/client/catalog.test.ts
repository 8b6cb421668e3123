import "fake-indexeddb/auto";
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Answer } from "./api.ts";
import { cheese, product } from "./builders.ts";
import { Catalog, EMPTY_STATE, loadCatalog, pullCatalog, pullStock } from "./catalog.ts";
import type { CatalogPage, Product } from "./model.ts";
import { Store } from "./store.ts";

let databases = 0;

async function openStore(): Promise<Store> {
  databases += 1;
  return Store.open(() => undefined, `catalog-${databases}`);
}

function page(changes: Partial<CatalogPage>): Answer {
  return { kind: "ok", body: { version: 1, complete: true, next: null, products: [], removed: [], categories: [], payment_methods: [], people: [], ...changes } };
}

/** Answers in turn, and remembers what was asked. */
function server(answers: Answer[]): { get: (path: string) => Promise<Answer>; asked: string[] } {
  const asked: string[] = [];
  return {
    asked,
    get: (path) => {
      asked.push(path);
      return Promise.resolve(answers.shift() ?? { kind: "unanswered", why: "test" });
    },
  };
}

const numbered = (count: number, from = 0): Product[] => Array.from({ length: count }, (_, at) => product({ id: `p${String(from + at).padStart(6, "0")}`, name: `Producto ${from + at}`, barcodes: [{ code: `c${from + at}`, pack: "1", price: null }] }));

test("pages are pulled to the end, and next time only what changed", async () => {
  const store = await openStore();
  const catalog = new Catalog();
  const first = server([
    page({ version: 9, complete: false, next: { since: 5, after: "p000001" }, products: numbered(2), categories: [{ id: "g", name: "Granos" }] }),
    page({ version: 9, products: numbered(1, 2) }),
  ]);
  assert.deepEqual(await pullCatalog(first.get, store, catalog), { kind: "done", changed: true });
  assert.deepEqual(first.asked, ["/api/v1/till/catalog?since=0", "/api/v1/till/catalog?since=5&after=p000001"]);
  assert.equal(catalog.size, 3);
  assert.deepEqual(catalog.state.categories, [{ id: "g", name: "Granos" }]);
  const second = server([page({ version: 9 })]);
  assert.deepEqual(await pullCatalog(second.get, store, catalog), { kind: "done", changed: false });
  assert.deepEqual(second.asked, ["/api/v1/till/catalog?since=9"]);
});

test("an interrupted pull goes on where it stopped, also after a restart", async () => {
  const store = await openStore();
  const broken = server([page({ version: 9, complete: false, next: { since: 5, after: "p000001" }, products: numbered(2) })]);
  assert.deepEqual(await pullCatalog(broken.get, store, new Catalog()), { kind: "failed" });
  const reopened = new Catalog();
  await loadCatalog(store, reopened, () => Promise.resolve());
  assert.equal(reopened.size, 2);
  const rest = server([page({ version: 9, products: numbered(1, 2) })]);
  await pullCatalog(rest.get, store, reopened);
  assert.deepEqual(rest.asked, ["/api/v1/till/catalog?since=5&after=p000001"]);
  assert.deepEqual([reopened.size, reopened.state.version, reopened.state.cursor], [3, 9, null]);
});

test("a changed product forgets its old codes, a removed one is gone from memory and disk", async () => {
  const store = await openStore();
  const catalog = new Catalog();
  await pullCatalog(server([page({ products: [product(), cheese()] })]).get, store, catalog);
  await pullCatalog(server([page({ version: 2, products: [product({ version: 2, name: "Arroz nuevo", barcodes: [{ code: "9", pack: "1", price: null }] })], removed: ["queso"] })]).get, store, catalog);
  assert.equal(catalog.byBarcode("7700000000017"), undefined);
  assert.equal(catalog.byBarcode("9")?.product.name, "Arroz nuevo");
  assert.equal(catalog.bySku("00005"), undefined);
  assert.deepEqual(catalog.find("queso", 5), []);
  const reopened = new Catalog();
  await loadCatalog(store, reopened, () => Promise.resolve());
  assert.deepEqual(reopened.first(5).map((each) => each.name), ["Arroz nuevo"]);
});

test("a code that moved to another product belongs to its new one", () => {
  const catalog = new Catalog();
  catalog.take([product(), product({ id: "b", name: "Otro", barcodes: [{ code: "7700000000017", pack: "1", price: null }] })], [], EMPTY_STATE);
  assert.equal(catalog.byBarcode("7700000000017")?.product.id, "b");
  catalog.take([product({ barcodes: [] })], [], EMPTY_STATE);
  assert.equal(catalog.byBarcode("7700000000017")?.product.id, "b");
});

test("a revoked device is told so; other refusals leave everything as it was", async () => {
  const store = await openStore();
  const refused = (code: string): Answer => ({ kind: "refused", status: 403, code, message: "", fields: {} });
  assert.deepEqual(await pullCatalog(server([refused("DEVICE_REVOKED")]).get, store, new Catalog()), { kind: "revoked" });
  assert.deepEqual(await pullCatalog(server([refused("PERMISSION_DENIED")]).get, store, new Catalog()), { kind: "failed" });
});

test("stock shown is what was last known less what was sold here", async () => {
  const catalog = new Catalog();
  catalog.take([product({ on_hand: "24" }), cheese({ on_hand: "-0.5" }), product({ id: "recarga", tracks_stock: false, on_hand: null })], [], EMPTY_STATE);
  const left = (id: string): number | null => catalog.onHandMilli(catalog.product(id) ?? product());
  catalog.noteSold("arroz", 3000);
  assert.deepEqual([left("arroz"), left("queso"), left("recarga")], [21_000, -500, null]);
  await pullStock(server([{ kind: "ok", body: { levels: [["arroz", "20"], ["nadie", "1"]], next: null } }]).get, catalog);
  assert.equal(left("arroz"), 20_000);
});

test("words, favourites and categories give products in the order of names", () => {
  const catalog = new Catalog();
  catalog.take([product({ id: "z", name: "Zanahoria", favorite: true, category_id: "v" }), product({ id: "a", name: "Ají", favorite: true, category_id: "v" }), cheese()], [], { ...EMPTY_STATE, categories: [{ id: "v", name: "Verduras" }] });
  catalog.rebuildIndex();
  assert.deepEqual(catalog.favorites(9).map((each) => each.name), ["Ají", "Zanahoria"]);
  assert.deepEqual(catalog.ofCategory("v", 1).map((each) => each.name), ["Ají"]);
  assert.deepEqual(catalog.find("verdu", 9).map((each) => each.name), ["Ají", "Zanahoria"]);
});

test("prices that begin to mean something else arrive all at once", async () => {
  const store = await openStore();
  const catalog = new Catalog();
  await pullCatalog(server([page({ version: 5, prices_include_tax: false, products: numbered(3) })]).get, store, catalog);
  const dearer = (at: number): Product[] => numbered(1, at).map((each) => ({ ...each, price: "3451.00" }));
  const broken = server([page({ version: 6, prices_include_tax: true, complete: false, next: { since: 6, after: "p000000" }, products: dearer(0) })]);
  assert.deepEqual(await pullCatalog(broken.get, store, catalog), { kind: "failed" });
  assert.deepEqual([catalog.product("p000000")?.price, catalog.state.prices_include_tax, catalog.state.version], ["2900.00", false, 5]);
  const whole = server([
    page({ version: 6, prices_include_tax: true, complete: false, next: { since: 6, after: "p000000" }, products: dearer(0) }),
    page({ version: 6, prices_include_tax: true, products: dearer(1) }),
  ]);
  assert.deepEqual(await pullCatalog(whole.get, store, catalog), { kind: "done", changed: true });
  assert.deepEqual([catalog.product("p000001")?.price, catalog.state.prices_include_tax], ["3451.00", true]);
  const reopened = new Catalog();
  await loadCatalog(store, reopened, () => Promise.resolve());
  assert.deepEqual([reopened.product("p000000")?.price, reopened.product("p000002")?.price, reopened.state.prices_include_tax], ["3451.00", "2900.00", true]);
  // No price changed, and still every tag on the shelf means something else.
  assert.deepEqual(await pullCatalog(server([page({ version: 7, prices_include_tax: false })]).get, store, reopened), { kind: "done", changed: true });
});
