/**
 * A till at work for tests of acts: a register with an open session, two
 * products, numbers, and a server that answers as the test says.
 *
 * Owns: that scene. The till itself must not import it.
 */

import "fake-indexeddb/auto";
import { webcrypto } from "node:crypto";
import { Api, type Answer } from "./api.ts";
import { accepted, answered, cheese, ids, NOW, product, shop } from "./builders.ts";
import { emptyCart } from "./cart.ts";
import { Catalog } from "./catalog.ts";
import { openSession } from "./drawer.ts";
import type { Item, Outcome, PaymentMethod, SessionAnswer, TaxSet } from "./model.ts";
import { Outbox } from "./outbox.ts";
import { makeState } from "./state.ts";
import { Store } from "./store.ts";
import type { World } from "./world.ts";

/** In pesos that keep two decimals; transfers ask for the bank. */
export const CASH: PaymentMethod = { id: "cash", name: "Efectivo", kind: "cash", needs_bank: false, needs_reference: false };
export const TRANSFER: PaymentMethod = { id: "transfer", name: "Transferencia", kind: "transfer", needs_bank: true, needs_reference: false };
/** The tax sets to choose from. */
export const IVA: TaxSet = { id: "iva", name: "IVA 19 %", usual: true, taxes: [{ code: "IVA", rate: "19" }] };
export const EXCLUDED: TaxSet = { id: "excluded", name: "Excluido", usual: false, taxes: [] };
export const RICE = "7700000000017";

export const SESSION: SessionAnswer = {
  user: { id: "person", name: "Yuliana", role: "vendedor" },
  rights: { max_discount_percent: "10", price_change: false, refund: false, void: false, open_drawer: false, give_credit: false },
  csrf: "", server_time: NOW, shop: shop(), registers: [], may_enrol: false,
};

export type Server = (items: Item[]) => Answer | Promise<Answer>;
export const takesAll: Server = (items) => answered(items.map((item) => accepted(item.id)));
export const nobody: Server = () => ({ kind: "unanswered", why: "test" });
export const refuses = (code: string, fields: Record<string, unknown> = {}): Server => (items) =>
  answered(items.map((item): Outcome => (item.kind === "sale" ? { id: item.id, outcome: "refused", data: { code, message: "", fields } } : accepted(item.id))));

let databases = 0;

export interface Scene {
  world: World;
  store: Store;
  delivered: Item[];
  server: Server;
}

/** A register with an open session, two products and numbers 201 to 203. */
export async function scene(): Promise<Scene> {
  databases += 1;
  const store = await Store.open(() => undefined, `scene-${databases}`);
  const newId = ids();
  const state = makeState({ current: emptyCart("sale-1", NOW), held: [] });
  const made: Scene = { store, delivered: [], server: takesAll, world: undefined as unknown as World };
  const outbox = new Outbox(store, {
    send: async (items) => {
      const answer = await made.server(items);
      if (answer.kind === "ok") made.delivered.push(...items);
      return answer;
    },
    random: () => 0, after: () => () => undefined, onState: (next) => (state.outbox.value = next), onSettled: () => undefined,
  });
  const catalog = new Catalog();
  catalog.take([product(), cheese({ barcodes: [{ code: "2900000000056", pack: "1", price: null }] })], [], { version: 57, cursor: null, categories: [], people: [], payment_methods: [CASH, TRANSFER], tax_sets: [IVA, EXCLUDED] });
  catalog.rebuildIndex();
  const api = new Api({ fetch: () => Promise.reject(new TypeError("no network")), nowMicros: () => NOW, crypto: webcrypto.subtle as SubtleCrypto, abortAfter: () => new AbortController().signal }, { micros: 0 });
  made.world = { state, store, api, catalog, outbox, photos: { keep: () => Promise.resolve(), drop: () => Promise.resolve() }, crypto: webcrypto.subtle as SubtleCrypto, now: () => NOW, newId, after: () => () => undefined, mayBeOnline: () => true, sound: () => undefined, browserLanguage: "es" };
  state.answer.value = SESSION;
  await store.putSetting("session_answer", SESSION);
  await store.write((writing) => writing.putMeta("numbers", { blocks: [{ prefix: "C1-", from: 201, to: 203, next: 201, expires_at: NOW * 2 }], freed: [], asking: null }));
  await openSession(made.world, 5_000_000);
  made.delivered.length = 0;
  return made;
}
