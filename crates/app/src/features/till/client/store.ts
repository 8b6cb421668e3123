/**
 * What the till keeps in the browser: schema, versions, and the few
 * transactions in which several things must happen together or not at all.
 *
 * Owns: IndexedDB. Must not know: the network, the screen, what a sale means.
 * What is private (tickets, customers, outbox, sales) passes through here
 * only, so that sealing it is a matter of this file.
 *
 * **Invariant:** whatever says that money changed hands is written with
 * `durability: "strict"` and believed only when its transaction has completed.
 */

import { deleteDB, openDB, type DBSchema, type IDBPDatabase, type IDBPTransaction } from "idb";
import type { Tickets } from "./cart.ts";
import type { Device } from "./device.ts";
import type { CatalogCursor, Category, Item, Micros, PaymentMethod, Person, Product, SaleContent, SessionAnswer, TaxSet, Uuid } from "./model.ts";
import { NO_NUMBERS, type Numbers } from "./numbers.ts";
import type { CashSession } from "./session.ts";

export const DATABASE = "inventario-till";
const VERSION = 1;

/** An item on its way: `sending` waits for the answer of a first, online try. */
export interface OutboxRow {
  id: Uuid;
  seq: number;
  item: Item;
  /** Ids that the server must have first: the session of a sale, its customer. */
  needs: Uuid[];
  state: "sending" | "waiting";
  tries: number;
  /** Why the last try failed although the server answered; null: nothing is wrong. */
  problem: string | null;
}

export type SaleState = "sending" | "delivered" | "unsent" | "review";

/** A sale made here, kept for reprints and for the list of the day. */
export interface LocalSale {
  id: Uuid;
  atMicros: Micros;
  state: SaleState;
  content: SaleContent;
  person: string;
  customerName: string | null;
  prints: number;
}

export interface LocalCustomer {
  id: Uuid;
  name: string;
  phone: string | null;
  document: string | null;
  folded: string;
}

export interface CatalogState {
  version: number;
  /** What its prices mean; absent until a server said so. */
  prices_include_tax?: boolean;
  /** Where the next page begins; null: everything up to `version` is here. */
  cursor: CatalogCursor | null;
  categories: Category[];
  payment_methods: PaymentMethod[];
  people: Person[];
  /** Absent in what an earlier build kept. */
  tax_sets?: TaxSet[];
}

export interface Meta {
  device: Device;
  session_answer: SessionAnswer;
  catalog: CatalogState;
  numbers: Numbers;
  tickets: Tickets;
  cash_session: CashSession | null;
  clock_offset: Micros;
  last_seq: number;
}

interface Schema extends DBSchema {
  meta: { key: string; value: Meta[keyof Meta] };
  products: { key: Uuid; value: Product };
  outbox: { key: Uuid; value: OutboxRow; indexes: { seq: number } };
  sales: { key: Uuid; value: LocalSale; indexes: { atMicros: number } };
  customers: { key: Uuid; value: LocalCustomer };
}

type StoreName = "meta" | "products" | "outbox" | "sales" | "customers";
type Write = IDBPTransaction<Schema, StoreName[], "readwrite">;

/** A durable write in preparation. All its requests are made before it is awaited. */
export interface Writing {
  putMeta<K extends keyof Meta>(key: K, value: Meta[K]): void;
  putRow(row: OutboxRow): void;
  deleteRow(id: Uuid): void;
  putSale(sale: LocalSale): void;
  deleteSale(id: Uuid): void;
  putCustomer(customer: LocalCustomer): void;
  deleteCustomer(id: Uuid): void;
  /** A product made here, until the catalogue brings it from the server. */
  putProduct(product: Product): void;
  deleteProduct(id: Uuid): void;
}

const EVERYTHING: StoreName[] = ["meta", "outbox", "sales", "customers", "products"];

export class Store {
  readonly #db: IDBPDatabase<Schema>;

  private constructor(db: IDBPDatabase<Schema>) {
    this.#db = db;
  }

  /** `onTaken` is told when another page needs the database in a newer version. */
  static async open(onTaken: () => void, name = DATABASE): Promise<Store> {
    const db = await openDB<Schema>(name, VERSION, {
      upgrade(database, from) {
        if (from < 1) createFirst(database);
      },
      blocking: () => {
        db.close();
        onTaken();
      },
    });
    return new Store(db);
  }

  close(): void {
    this.#db.close();
  }

  async meta<K extends keyof Meta>(key: K): Promise<Meta[K] | undefined> {
    // The key decides the type of its value; only putMeta writes here.
    return (await this.#db.get("meta", key)) as Meta[K] | undefined;
  }

  async numbers(): Promise<Numbers> {
    return (await this.meta("numbers")) ?? NO_NUMBERS;
  }

  /** One transaction over everything private; resolved once it is on the disk. */
  async write(prepare: (writing: Writing) => void): Promise<void> {
    const tx: Write = this.#db.transaction(EVERYTHING, "readwrite", { durability: "strict" });
    const requests: Promise<unknown>[] = [];
    prepare(writingOf(tx, requests));
    await Promise.all([...requests, tx.done]);
  }

  /** Reads and writes in one transaction, so that two acts cannot take one number. */
  async change<T>(decide: (read: Reading) => Promise<{ result: T; write: (writing: Writing) => unknown }>): Promise<T> {
    const tx: Write = this.#db.transaction(EVERYTHING, "readwrite", { durability: "strict" });
    const requests: Promise<unknown>[] = [];
    try {
      const { result, write } = await decide(readingOf(tx));
      write(writingOf(tx, requests));
      await Promise.all([...requests, tx.done]);
      return result;
    } catch (error) {
      abandon(tx);
      throw error;
    }
  }

  /** The open tickets after each act: soon on the disk, but nobody waits for it. */
  async saveTickets(tickets: Tickets): Promise<void> {
    await this.#db.put("meta", tickets, "tickets");
  }

  async putSetting<K extends keyof Meta>(key: K, value: Meta[K]): Promise<void> {
    await this.#db.put("meta", value, key);
  }

  rows(): Promise<OutboxRow[]> {
    return this.#db.getAllFromIndex("outbox", "seq");
  }

  row(id: Uuid): Promise<OutboxRow | undefined> {
    return this.#db.get("outbox", id);
  }

  sale(id: Uuid): Promise<LocalSale | undefined> {
    return this.#db.get("sales", id);
  }

  /** The newest first. */
  async latestSales(limit: number): Promise<LocalSale[]> {
    const found: LocalSale[] = [];
    let cursor = await this.#db.transaction("sales").store.index("atMicros").openCursor(null, "prev");
    while (cursor !== null && found.length < limit) {
      found.push(cursor.value);
      cursor = await cursor.continue();
    }
    return found;
  }

  /** A sale made here, by what its receipt says. */
  async saleNumbered(number: string): Promise<LocalSale | undefined> {
    let cursor = await this.#db.transaction("sales").store.index("atMicros").openCursor(null, "prev");
    while (cursor !== null) {
      const { content } = cursor.value;
      if (`${content.prefix}${content.number}` === number) return cursor.value;
      cursor = await cursor.continue();
    }
    return undefined;
  }

  customers(): Promise<LocalCustomer[]> {
    return this.#db.getAll("customers");
  }

  // ── Catalogue: plain, rebuilt from the server at any time ────────────────

  /** Products in slices, so that 100,000 do not hold the page up. */
  async eachProductSlice(size: number, take: (products: Product[]) => Promise<void> | void): Promise<void> {
    let after: Uuid | undefined;
    for (;;) {
      const range = after === undefined ? null : IDBKeyRange.lowerBound(after, true);
      const products = await this.#db.getAll("products", range, size);
      const last = products.at(-1);
      if (last === undefined) return;
      await take(products);
      after = last.id;
    }
  }

  /** A page and the place where the next one begins, together. */
  async writeCatalogPage(products: readonly Product[], removed: readonly Uuid[], state: CatalogState): Promise<void> {
    const tx = this.#db.transaction(["products", "meta"], "readwrite");
    const store = tx.objectStore("products");
    const requests: Promise<unknown>[] = [];
    for (const product of products) requests.push(store.put(product));
    for (const id of removed) requests.push(store.delete(id));
    requests.push(tx.objectStore("meta").put(state, "catalog"));
    await Promise.all([...requests, tx.done]);
  }

  /** Before an enrolment: the number of unsent items, which must never be lost. */
  countRows(): Promise<number> {
    return this.#db.count("outbox");
  }

  /**
   * A revoked device forgets the shop but for what the server does not have
   * yet: the outbox, and the key that signs it.
   */
  async eraseAfterRevocation(): Promise<void> {
    const tx = this.#db.transaction(["meta", "products", "sales", "customers"], "readwrite", { durability: "strict" });
    const meta = tx.objectStore("meta");
    const gone: (keyof Meta)[] = ["session_answer", "catalog", "numbers", "tickets", "cash_session"];
    const requests: Promise<unknown>[] = gone.map((key) => meta.delete(key));
    for (const name of ["products", "sales", "customers"] as const) requests.push(tx.objectStore(name).clear());
    await Promise.all([...requests, tx.done]);
  }
}

function createFirst(database: IDBPDatabase<Schema>): void {
  database.createObjectStore("meta");
  database.createObjectStore("products", { keyPath: "id" });
  database.createObjectStore("outbox", { keyPath: "id" }).createIndex("seq", "seq", { unique: true });
  database.createObjectStore("sales", { keyPath: "id" }).createIndex("atMicros", "atMicros");
  database.createObjectStore("customers", { keyPath: "id" });
}

/** What a deciding transaction may look at. Only these may be awaited inside it. */
export interface Reading {
  meta<K extends keyof Meta>(key: K): Promise<Meta[K] | undefined>;
  row(id: Uuid): Promise<OutboxRow | undefined>;
  sale(id: Uuid): Promise<LocalSale | undefined>;
  customer(id: Uuid): Promise<LocalCustomer | undefined>;
}

function readingOf(tx: Write): Reading {
  return {
    meta: async <K extends keyof Meta>(key: K) => (await tx.objectStore("meta").get(key)) as Meta[K] | undefined,
    row: (id) => tx.objectStore("outbox").get(id),
    sale: (id) => tx.objectStore("sales").get(id),
    customer: (id) => tx.objectStore("customers").get(id),
  };
}

function writingOf(tx: Write, requests: Promise<unknown>[]): Writing {
  return {
    putMeta: (key, value) => void requests.push(tx.objectStore("meta").put(value, key)),
    putRow: (row) => void requests.push(tx.objectStore("outbox").put(row)),
    deleteRow: (id) => void requests.push(tx.objectStore("outbox").delete(id)),
    putSale: (sale) => void requests.push(tx.objectStore("sales").put(sale)),
    deleteSale: (id) => void requests.push(tx.objectStore("sales").delete(id)),
    putCustomer: (customer) => void requests.push(tx.objectStore("customers").put(customer)),
    deleteCustomer: (id) => void requests.push(tx.objectStore("customers").delete(id)),
    putProduct: (product) => void requests.push(tx.objectStore("products").put(product)),
    deleteProduct: (id) => void requests.push(tx.objectStore("products").delete(id)),
  };
}

/** A transaction that already ended cannot be aborted, and need not be. */
function abandon(tx: Write): void {
  tx.done.catch(() => undefined);
  try {
    tx.abort();
  } catch {
    return;
  }
}

/** For tests, and for a person who gives this browser to another shop. */
export function deleteStore(name = DATABASE): Promise<void> {
  return deleteDB(name);
}
