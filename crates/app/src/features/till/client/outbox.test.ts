import "fake-indexeddb/auto";
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Answer } from "./api.ts";
import { accepted, answered, NOW, sale } from "./builders.ts";
import type { Item, Outcome } from "./model.ts";
import { BATCH_CHARACTERS_MAX, chooseBatch, enqueue, Outbox, retryDelay, withNeeds, type OutboxState } from "./outbox.ts";
import { Store, type OutboxRow } from "./store.ts";

let databases = 0;

/** An outbox over an empty database, a server that is a function, and timers fired by hand. */
async function scene(answer: (items: Item[]) => Answer): Promise<{ store: Store; outbox: Outbox; batches: string[][]; timers: (() => void)[]; delays: number[]; states: OutboxState[] }> {
  databases += 1;
  const store = await Store.open(() => undefined, `outbox-${databases}`);
  const batches: string[][] = [];
  const timers: (() => void)[] = [];
  const delays: number[] = [];
  const states: OutboxState[] = [];
  const outbox = new Outbox(store, {
    send: (items) => {
      batches.push(items.map((item) => item.id));
      return Promise.resolve(answer(items));
    },
    random: () => 0.5,
    after: (ms, then) => {
      delays.push(ms);
      timers.push(then);
      return () => timers.splice(timers.indexOf(then), 1);
    },
    onState: (state) => states.push(state),
    onSettled: () => undefined,
  });
  return { store, outbox, batches, timers, delays, states };
}

async function put(store: Store, item: Item, needs: string[] = []): Promise<void> {
  await store.change(async (read) => ({ result: null, write: await enqueue(read, item, needs) }));
}

const opening: Item = { id: "session", kind: "open_session", at: NOW, offline: true, person: "person", content: { session_id: "session", opening: "0.00" } };
const all = (items: Item[]): Answer => answered(items.map((item) => accepted(item.id)));
const nobody = (): Answer => ({ kind: "unanswered", why: "test" });
const idsOf = async (store: Store): Promise<string[]> => (await store.rows()).map((row) => row.id);

test("everything that waits is delivered in the order in which it happened, then the outbox is empty", async () => {
  const { store, outbox, batches } = await scene(all);
  for (const item of [opening, sale("a"), sale("b")]) await put(store, item, item.kind === "sale" ? ["session"] : []);
  await outbox.drain();
  assert.deepEqual(batches, [["session", "a", "b"]]);
  assert.deepEqual(await idsOf(store), []);
});

test("without an answer nothing leaves, and it is tried again later and later", async () => {
  const { store, outbox, delays, states } = await scene(nobody);
  await put(store, sale("a"));
  for (let at = 0; at < 3; at += 1) await outbox.drain();
  assert.deepEqual(await idsOf(store), ["a"]);
  assert.deepEqual(delays, [1500, 3000, 6000]);
  assert.deepEqual(states.at(-1), { waiting: 1, waitingSales: 1, stuck: [], reachable: false });
});

test("the wait between tries has a ceiling, and half of it is chance", () => {
  assert.deepEqual([0, 1, 5, 6, 50].map((failures) => retryDelay(failures, 0)), [500, 1000, 16000, 30000, 30000]);
  assert.equal(retryDelay(50, 0.999), 59_970);
});

test("what the server files for review is delivered all the same", async () => {
  const { store, outbox } = await scene((items) => answered(items.map((item): Outcome => ({ id: item.id, outcome: "review", data: {} }))));
  await put(store, sale("a"));
  await store.write((writing) => writing.putSale({ id: "a", atMicros: NOW, state: "unsent", content: sale("a").content, person: "", customerName: null, prints: 0 }));
  await outbox.drain();
  assert.deepEqual(await idsOf(store), []);
  assert.equal((await store.sale("a"))?.state, "review");
});

test("one item that the server chokes on is found, set aside, and blocks no other", async () => {
  const { store, outbox, states, timers } = await scene((items) => (items.some((item) => item.id === "bad") ? { kind: "refused", status: 400, code: "VALIDATION_ERROR", message: "", fields: {} } : all(items)));
  for (const id of ["a", "b", "bad", "c", "d", "e", "f"]) await put(store, sale(id));
  await outbox.drain();
  assert.deepEqual(await idsOf(store), ["bad"]);
  assert.deepEqual(states.at(-1)?.stuck, [{ id: "bad", kind: "sale", problem: "VALIDATION_ERROR" }]);
  assert.equal(timers.length, 1);
});

test("an offline item that a wrong server refuses stays and is shown", async () => {
  const { store, outbox, states } = await scene((items) => answered(items.map((item): Outcome => ({ id: item.id, outcome: "refused", data: { code: "STOCK_INSUFFICIENT", message: "", fields: {} } }))));
  await put(store, sale("a"));
  await outbox.drain();
  assert.deepEqual(await idsOf(store), ["a"]);
  assert.equal(states.at(-1)?.stuck[0]?.problem, "STOCK_INSUFFICIENT");
});

test("an answer that forgets an item leaves it, and an unknown id in it changes nothing", async () => {
  const { store, outbox } = await scene(() => answered([accepted("a"), accepted("stranger")]));
  await put(store, sale("a"));
  await put(store, sale("b"));
  await outbox.drain();
  assert.deepEqual(await idsOf(store), ["b"]);
});

test("a body that is not a batch's answer is no answer", async () => {
  for (const body of [null, {}, { results: [{ id: 1 }] }, { results: [{ id: "a", outcome: "maybe", data: {} }] }]) {
    const { store, outbox } = await scene(() => ({ kind: "ok", body }));
    await put(store, sale("a"));
    await outbox.drain();
    assert.deepEqual(await idsOf(store), ["a"]);
  }
});

test("an item waits for what it needs, unless that is stuck", () => {
  const row = (id: string, seq: number, changes: Partial<OutboxRow> = {}): OutboxRow => ({ id, seq, item: sale(id), needs: [], state: "waiting", tries: 0, problem: null, ...changes });
  const chosen = (rows: OutboxRow[], leaveOut: string[] = []): string[] => chooseBatch(rows, 100, new Set(leaveOut)).map((each) => each.id);
  assert.deepEqual(chosen([row("s", 1, { state: "sending" }), row("a", 2, { needs: ["s"] }), row("b", 3)]), ["b"]);
  assert.deepEqual(chosen([row("s", 1), row("a", 2, { needs: ["s"] })]), ["s", "a"]);
  assert.deepEqual(chosen([row("s", 1, { problem: "X" }), row("a", 2, { needs: ["s"] })], ["s"]), ["a"]);
  assert.deepEqual(chosen([row("a", 1, { needs: ["gone"] })]), ["a"]);
});

test("a batch has at most its number of items and its size, but always one", () => {
  const rows = Array.from({ length: 7 }, (_, at): OutboxRow => ({ id: `r${at}`, seq: at, item: { ...sale(`r${at}`), person: "x".repeat(BATCH_CHARACTERS_MAX / 3) }, needs: [], state: "waiting", tries: 0, problem: null }));
  assert.equal(chooseBatch(rows, 100, new Set()).length, 2);
  assert.equal(chooseBatch(rows, 1, new Set()).length, 1);
  const huge = rows.slice(0, 1).map((row) => ({ ...row, item: { ...row.item, person: "x".repeat(BATCH_CHARACTERS_MAX * 2) } }));
  assert.equal(chooseBatch(huge, 100, new Set()).length, 1);
});

test("an online try takes along what the item needs, in order", async () => {
  const { store, outbox, batches } = await scene(all);
  await put(store, opening);
  await put(store, sale("other"));
  await put(store, sale("a", { offline: false }), ["session"]);
  assert.deepEqual(withNeeds(await store.rows(), "a").map((row) => row.id), ["session", "a"]);
  assert.deepEqual(await outbox.tryOnline("a"), { kind: "accepted", data: {} });
  assert.deepEqual(batches, [["session", "a"]]);
  assert.deepEqual(await idsOf(store), ["other"]);
});

test("an online try without an answer becomes an offline sale, on the disk before it returns", async () => {
  const { store, outbox } = await scene(nobody);
  await put(store, sale("a", { offline: false }));
  await store.write((writing) => writing.putSale({ id: "a", atMicros: NOW, state: "sending", content: sale("a").content, person: "", customerName: null, prints: 0 }));
  assert.deepEqual(await outbox.tryOnline("a"), { kind: "offline" });
  const row = await store.row("a");
  assert.deepEqual([row?.state, row?.item.offline, (await store.sale("a"))?.state], ["waiting", true, "unsent"]);
});

test("a drain leaves alone what somebody is still waiting for", async () => {
  const { store, outbox, batches } = await scene(all);
  await put(store, sale("a", { offline: false }));
  await outbox.drain();
  assert.deepEqual(batches, []);
  assert.deepEqual(await idsOf(store), ["a"]);
});

test("rows keep their order over a restart", async () => {
  const { store } = await scene(all);
  for (const id of ["c", "a", "b"]) await put(store, sale(id));
  assert.deepEqual((await store.rows()).map((row) => [row.id, row.seq]), [["c", 1], ["a", 2], ["b", 3]]);
});
