/**
 * Everything that goes on behind the sale: pulling the catalogue, leasing
 * numbers, draining the outbox, asking who sells.
 *
 * Owns: when the server is asked without anybody waiting. Must not know:
 * elements, what is on the ticket.
 */

import { isRecord, type Answer } from "./api.ts";
import { pullCatalog, pullStock } from "./catalog.ts";
import { followCatalog } from "./follow.ts";
import { KEPT_MAX } from "./photos.ts";
import type { Lease, Uuid } from "./model.ts";
import { askLease, needsLease, receiveLease, remaining } from "./numbers.ts";
import type { World } from "./world.ts";
import { BACKGROUND_MS } from "./api.ts";

const CATALOG_EVERY_MS = 60_000;
const STOCK_EVERY_MS = 300_000;

function get(world: World, path: string): Promise<Answer> {
  const device = world.state.device.value;
  if (device === null) return Promise.resolve({ kind: "unanswered", why: "no device" });
  return world.api.asDevice(device, { method: "GET", path, limitMs: BACKGROUND_MS });
}

/** Lets the page answer keys and scans between two slices of work. */
export function breathe(world: World): Promise<void> {
  return new Promise((then) => world.after(0, then));
}

const turns = new WeakMap<World, Promise<unknown>>();

/**
 * Catalogue and stock; true where the server was there. One after the other: an
 * older answer must not be written over a newer one.
 */
export function pull(world: World): Promise<boolean> {
  const mine = (turns.get(world) ?? Promise.resolve()).then(() => pullOnce(world));
  turns.set(world, mine.catch(() => undefined));
  return mine;
}

async function pullOnce(world: World): Promise<boolean> {
  const pulled = await pullCatalog((path) => get(world, path), world.store, world.catalog, () => breathe(world));
  if (pulled.kind === "revoked") {
    await forget(world);
    return true;
  }
  if (pulled.kind === "done" && pulled.changed) world.state.catalogTick.value += 1;
  await followCatalog(world);
  return pulled.kind === "done";
}

/** A lost or replaced device keeps only what the server does not have yet. */
async function forget(world: World): Promise<void> {
  await world.store.eraseAfterRevocation();
  await world.photos.drop();
  const unsent = await world.store.countRows();
  world.state.screen.value = { kind: "revoked", unsent };
  void world.outbox.drain();
}

/** Asks for numbers while some are left; the same request until it is answered. */
export async function renewNumbers(world: World): Promise<void> {
  const device = world.state.device.value;
  const now = world.now();
  const before = await world.store.numbers();
  world.state.numbersLeft.value = remaining(before, now);
  if (device === null || !needsLease(before, now)) return;
  const asking = await world.store.change(async (read) => {
    const numbers = askLease((await read.meta("numbers")) ?? before, world.newId);
    return { result: numbers.asking, write: (writing) => writing.putMeta("numbers", numbers) };
  });
  const answer = await world.api.asDevice(device, { method: "POST", path: "/api/v1/till/lease", body: asking, limitMs: BACKGROUND_MS });
  if (answer.kind === "ok" && isLease(answer.body)) await keepLease(world, asking.id, answer.body);
}

async function keepLease(world: World, id: Uuid, lease: Lease): Promise<void> {
  const now = world.now();
  const after = await world.store.change(async (read) => {
    const before = await read.meta("numbers");
    const numbers = before === undefined ? undefined : receiveLease(before, id, lease, now);
    return { result: numbers, write: (writing) => numbers !== undefined && writing.putMeta("numbers", numbers) };
  });
  if (after !== undefined) world.state.numbersLeft.value = remaining(after, now);
}

function isLease(body: unknown): body is Lease {
  return isRecord(body) && typeof body["prefix"] === "string" && typeof body["from"] === "number" && typeof body["to"] === "number" && typeof body["expires_at"] === "number";
}

/** One round of everything, in the order in which it matters to the shop. */
export async function syncOnce(world: World): Promise<void> {
  await world.outbox.drain();
  await renewNumbers(world);
  if (!(await pull(world)) || world.state.screen.value.kind === "revoked") return;
  // A browser that has no room for pictures sells all the same.
  await world.photos.keep(world.catalog.photos(KEPT_MAX)).catch(() => undefined);
}

/** Keeps rounds going; the answer stops them. */
export function keepSyncing(world: World): () => void {
  let cancelRound: () => void = () => undefined;
  let cancelStock: () => void = () => undefined;
  let isStopped = false;
  const round = async (): Promise<void> => {
    await syncOnce(world);
    if (!isStopped) cancelRound = world.after(CATALOG_EVERY_MS, () => void round());
  };
  const stock = async (): Promise<void> => {
    if (await pullStock((path) => get(world, path), world.catalog)) world.state.catalogTick.value += 1;
    if (!isStopped) cancelStock = world.after(STOCK_EVERY_MS, () => void stock());
  };
  void round();
  cancelStock = world.after(STOCK_EVERY_MS, () => void stock());
  return () => {
    isStopped = true;
    cancelRound();
    cancelStock();
  };
}
