/**
 * The shop's products in memory: by id, by code, by words; and how they come.
 *
 * Owns: look-ups and the pull of changes. Must not know: the cart, the screen.
 * The catalogue holds no cost and nothing private.
 */

import { isRecord, type Answer } from "./api.ts";
import type { CodeLookup } from "./codes.ts";
import type { Barcode, CatalogPage, Category, PaymentMethod, Product, Uuid } from "./model.ts";
import { milliOf } from "./money.ts";
import { LiveSearch } from "./live_search.ts";
import { finish as finishAtOnce, finishGently, searchableOf } from "./search.ts";
import type { CatalogState, Store } from "./store.ts";

const SLICE = 2_000;
export const EMPTY_STATE: CatalogState = { version: 0, cursor: null, categories: [], payment_methods: [], people: [], tax_sets: [] };

export class Catalog implements CodeLookup {
  readonly #products = new Map<Uuid, Product>();
  readonly #codes = new Map<string, { id: Uuid; barcode: Barcode }>();
  readonly #skus = new Map<string, Uuid>();
  readonly #search = new LiveSearch();
  /** Sold here since the server last told what is on hand, in thousandths. */
  readonly #soldMilli = new Map<Uuid, number>();
  readonly #shelves = new Map<string, Product[]>();
  #state: CatalogState = EMPTY_STATE;

  get state(): CatalogState {
    return this.#state;
  }

  get size(): number {
    return this.#products.size;
  }

  product(id: Uuid): Product | undefined {
    return this.#products.get(id);
  }

  byBarcode(code: string): { product: Product; barcode: Barcode } | undefined {
    const hit = this.#codes.get(code);
    const product = hit === undefined ? undefined : this.#products.get(hit.id);
    return hit === undefined || product === undefined ? undefined : { product, barcode: hit.barcode };
  }

  bySku(sku: string): Product | undefined {
    const id = this.#skus.get(sku.toLowerCase());
    return id === undefined ? undefined : this.#products.get(id);
  }

  find(query: string, limit: number): Product[] {
    return this.#search.find(query, limit).flatMap((id) => this.#products.get(id) ?? []);
  }

  favorites(limit: number): Product[] {
    return this.#inOrder("favorites", (product) => product.favorite, limit);
  }

  ofCategory(id: Uuid, limit: number): Product[] {
    return this.#inOrder(`category ${id}`, (product) => product.category_id === id, limit);
  }

  /** What to show of an empty search where nobody has chosen favourites yet. */
  first(limit: number): Product[] {
    return this.#inOrder("all", () => true, limit);
  }

  /** The addresses of the pictures that the shelf may show, those of the favourites first. */
  photos(limit: number): string[] {
    const hasPhoto = (product: Product): boolean => product.photo !== null;
    const first = this.#inOrder("favorites with photo", (product) => product.favorite && hasPhoto(product), limit);
    const all = [...first, ...this.#inOrder("with photo", hasPhoto, limit)];
    return [...new Set(all.flatMap((product) => product.photo ?? []))].slice(0, limit);
  }

  /** A walk over everything, kept until something changes: the shelf asks at each keystroke. */
  #inOrder(name: string, wanted: (product: Product) => boolean, limit: number): Product[] {
    const key = `${name} ${limit}`;
    const kept = this.#shelves.get(key);
    if (kept !== undefined) return kept;
    const found: Product[] = [];
    for (const id of this.#search.inOrder()) {
      const product = this.#products.get(id);
      if (product !== undefined && wanted(product)) found.push(product);
      if (found.length >= limit) break;
    }
    this.#shelves.set(key, found);
    return found;
  }

  /** Last known less sold here; null where stock is not kept. */
  onHandMilli(product: Product): number | null {
    if (!product.tracks_stock || product.on_hand === null) return null;
    const isNegative = product.on_hand.startsWith("-");
    const known = milliOf(isNegative ? product.on_hand.slice(1) : product.on_hand);
    return (isNegative ? -known : known) - (this.#soldMilli.get(product.id) ?? 0);
  }

  noteSold(id: Uuid, quantityMilli: number): void {
    this.#soldMilli.set(id, (this.#soldMilli.get(id) ?? 0) + quantityMilli);
  }

  setLevels(levels: readonly (readonly [Uuid, string])[]): void {
    let changed = false;
    for (const [id, onHand] of levels) {
      const product = this.#products.get(id);
      if (product === undefined) continue;
      this.#soldMilli.delete(id);
      // A product that stays the same object is not drawn again.
      if (product.on_hand === onHand) continue;
      this.#products.set(id, { ...product, on_hand: onHand });
      changed = true;
    }
    if (changed) this.#shelves.clear();
  }

  take(products: readonly Product[], removed: readonly Uuid[], state: CatalogState): void {
    this.#state = state;
    this.#shelves.clear();
    const names = new Map(state.categories.map((category) => [category.id, category.name]));
    for (const id of removed) this.#drop(id);
    for (const product of products) {
      this.#drop(product.id);
      this.#products.set(product.id, product);
      for (const barcode of product.barcodes) this.#codes.set(barcode.code, { id: product.id, barcode });
      if (product.sku !== null) this.#skus.set(product.sku.toLowerCase(), product.id);
      this.#search.put(searchableOf(product, product.category_id === null ? null : (names.get(product.category_id) ?? null)));
      this.#soldMilli.delete(product.id);
    }
  }

  #drop(id: Uuid): void {
    const old = this.#products.get(id);
    if (old === undefined) return;
    for (const { code } of old.barcodes) if (this.#codes.get(code)?.id === id) this.#codes.delete(code);
    if (old.sku !== null && this.#skus.get(old.sku.toLowerCase()) === id) this.#skus.delete(old.sku.toLowerCase());
    this.#products.delete(id);
    this.#search.drop(id);
  }

  /** Takes what came since into the search's index, in one go. */
  rebuildIndex(): void {
    finishAtOnce(this.#search.rebuilding());
  }

  /** The same in small steps; small changes are found without it. */
  async rebuildGently(breathe: () => Promise<void>): Promise<void> {
    if (this.#search.wantsRebuilding) await finishGently(this.#search.rebuilding(), breathe);
  }
}

/** From the disk into memory, in slices, so that the page stays alive. */
export async function loadCatalog(store: Store, catalog: Catalog, breathe: () => Promise<void>): Promise<void> {
  const state = (await store.meta("catalog")) ?? EMPTY_STATE;
  await store.eachProductSlice(SLICE, async (products) => {
    catalog.take(products, [], state);
    await breathe();
  });
  catalog.take([], [], state);
  await catalog.rebuildGently(breathe);
}

export type Pulled = { kind: "done"; changed: boolean } | { kind: "revoked" } | { kind: "failed" };

/**
 * Asks for changes, page by page; each page is kept before the next is asked for.
 * Where prices begin to mean something else, the rest of the pull is kept as one:
 * half of the prices with tax and half without would be a shelf of lies.
 */
export async function pullCatalog(get: (path: string) => Promise<Answer>, store: Store, catalog: Catalog, breathe: () => Promise<void> = () => Promise.resolve()): Promise<Pulled> {
  let changed = false;
  let after = catalog.state;
  let products: Product[] = [];
  let removed: Uuid[] = [];
  for (;;) {
    const { version, cursor } = after;
    const query = cursor === null ? `since=${version}` : `since=${cursor.since}&after=${cursor.after}`;
    const answer = await get(`/api/v1/till/catalog?${query}`);
    if (answer.kind === "refused" && answer.code === "DEVICE_REVOKED") return { kind: "revoked" };
    if (answer.kind !== "ok" || !isCatalogPage(answer.body)) return finish(catalog, breathe, { kind: "failed" });
    const page = answer.body;
    after = nextState(after, page);
    products = [...products, ...page.products];
    removed = [...removed, ...page.removed];
    if (after.cursor !== null && meansOtherwise(catalog.state, after)) continue;
    changed ||= products.length > 0 || removed.length > 0 || meansOtherwise(catalog.state, after);
    await store.writeCatalogPage(products, removed, after);
    catalog.take(products, removed, after);
    [products, removed] = [[], []];
    if (after.cursor === null) return finish(catalog, breathe, { kind: "done", changed });
  }
}

function meansOtherwise(before: CatalogState, after: CatalogState): boolean {
  return before.prices_include_tax !== undefined && before.prices_include_tax !== after.prices_include_tax;
}

async function finish(catalog: Catalog, breathe: () => Promise<void>, pulled: Pulled): Promise<Pulled> {
  await catalog.rebuildGently(breathe);
  return pulled;
}

/** The version moves only when the last page is in; until then the cursor does. */
function nextState(state: CatalogState, page: CatalogPage): CatalogState {
  const isComplete = page.complete || page.next === null;
  return {
    version: isComplete ? page.version : state.version,
    cursor: isComplete ? null : page.next,
    ...meaning(page.prices_include_tax ?? state.prices_include_tax),
    categories: nonEmpty<Category>(page.categories) ?? state.categories,
    payment_methods: nonEmpty<PaymentMethod>(page.payment_methods) ?? state.payment_methods,
    people: nonEmpty(page.people) ?? state.people,
    tax_sets: nonEmpty(page.tax_sets) ?? state.tax_sets ?? [],
  };
}

function meaning(included: boolean | undefined): Pick<CatalogState, "prices_include_tax"> {
  return included === undefined ? {} : { prices_include_tax: included };
}

/** Later pages carry empty lists, which mean "as before". */
function nonEmpty<T>(list: T[] | undefined): T[] | undefined {
  return list !== undefined && list.length > 0 ? list : undefined;
}

function isCatalogPage(body: unknown): body is CatalogPage {
  return isRecord(body) && typeof body["version"] === "number" && Array.isArray(body["products"]) && Array.isArray(body["removed"]);
}

function isLevels(body: unknown): body is { levels: [Uuid, string][]; next: Uuid | null } {
  return isRecord(body) && Array.isArray(body["levels"]);
}

/** Best effort and for display only: an error leaves the figures as they were. */
export async function pullStock(get: (path: string) => Promise<Answer>, catalog: Catalog): Promise<boolean> {
  let after: Uuid | null = null;
  let changed = false;
  do {
    const answer: Answer = await get(`/api/v1/till/stock${after === null ? "" : `?after=${after}`}`);
    if (answer.kind !== "ok" || !isLevels(answer.body)) return changed;
    catalog.setLevels(answer.body.levels);
    changed ||= answer.body.levels.length > 0;
    after = answer.body.next;
  } while (after !== null);
  return changed;
}
