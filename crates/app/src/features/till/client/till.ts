/**
 * How the till begins: what this browser is, who sells, what was left open.
 *
 * Owns: the order of starting, enrolment. Must not know: elements.
 */

import { batch } from "@preact/signals";
import { isRecord } from "./api.ts";
import { emptyCart, isEmpty } from "./cart.ts";
import { loadCatalog } from "./catalog.ts";
import { makeKeyPair, type Device } from "./device.ts";
import { adoptOpenSession } from "./drawer.ts";
import { followCatalog } from "./follow.ts";
import type { RegisterSummary, SessionAnswer } from "./model.ts";
import { resolveInterrupted } from "./paying.ts";
import { breathe, keepSyncing, renewNumbers } from "./sync.ts";
import { askWhoSells } from "./who.ts";
import { texts, type World } from "./world.ts";

/** Opens the till as far as it goes: with the server, without it, or up to enrolment. */
export async function start(world: World): Promise<void> {
  const { state, store } = world;
  const [device, answer, tickets, session, outbox] = await Promise.all([store.meta("device"), store.meta("session_answer"), store.meta("tickets"), store.meta("cash_session"), world.outbox.state()]);
  world.api.offset.micros = (await store.meta("clock_offset")) ?? 0;
  batch(() => {
    state.device.value = device ?? null;
    state.answer.value = answer ?? null;
    state.cashSession.value = session ?? null;
    state.outbox.value = outbox;
    if (tickets !== undefined) state.tickets.value = tickets;
    if (device !== undefined && answer !== undefined) state.screen.value = { kind: "selling" };
  });
  const loading = loadCatalog(store, world.catalog, () => breathe(world)).then(() => {
    state.isCatalogLoading.value = false;
    state.catalogTick.value += 1;
    return followCatalog(world);
  });
  await askWhoSells(world);
  if (state.screen.value.kind === "selling") await openRegister(world, loading);
}

async function openRegister(world: World, loading: Promise<void>): Promise<void> {
  await dropPaidTicket(world);
  await resolveInterrupted(world);
  await adoptOpenSession(world);
  world.state.hasPersistence.value = await isPersisted();
  await loading;
  keepSyncing(world);
}

/** The page ended after the sale was made and before its ticket was cleared. */
async function dropPaidTicket(world: World): Promise<void> {
  const { tickets } = world.state;
  const sale = await world.store.sale(tickets.value.current.id);
  if (sale === undefined || sale.state === "sending") return;
  tickets.value = { ...tickets.value, current: emptyCart(world.newId(), world.now()) };
  await world.store.saveTickets(tickets.value);
}

async function isPersisted(): Promise<boolean | null> {
  return typeof navigator === "object" && navigator.storage?.persisted !== undefined ? navigator.storage.persisted() : null;
}

// ── Enrolment ──────────────────────────────────────────────────────────────

export type Enrolled = { kind: "done" } | { kind: "taken" } | { kind: "failed"; message: string };

/** Binds this browser to a register; `takeOver` replaces the device that has it. */
export async function enrol(world: World, register: RegisterSummary, deviceName: string, takeOver: boolean): Promise<Enrolled> {
  const { api, store, state } = world;
  const t = texts(world);
  const shop = state.answer.value?.shop;
  if (shop === undefined) return { kind: "failed", message: t.enrol_failed };
  if ((await store.countRows()) > 0) return { kind: "failed", message: t.enrol_unsent };
  const id = world.newId();
  const keys = await makeKeyPair(world.crypto);
  const body = { id, register_id: register.id, name: deviceName, public_key: keys.publicKey, ...(takeOver ? { take_over: true } : {}) };
  const answer = await api.asPerson({ method: "POST", path: "/api/v1/till/devices", body, limitMs: 10_000 });
  if (answer.kind === "refused" && answer.code === "CONFLICT") return { kind: "taken" };
  if (answer.kind === "refused") return { kind: "failed", message: answer.message === "" ? t.enrol_failed : answer.message };
  const prefix = answer.kind === "ok" ? prefixOf(answer.body) : null;
  if (prefix === null) return { kind: "failed", message: t.enrol_failed };
  const device: Device = { id, privateKey: keys.privateKey, shop_id: shop.id, register: { id: register.id, name: register.name, prefix } };
  await store.eraseAfterRevocation();
  await store.write((writing) => writing.putMeta("device", device));
  await store.putSetting("session_answer", { ...selfKnown(state.answer.value), csrf: "" });
  if (typeof navigator === "object") state.hasPersistence.value = (await navigator.storage?.persist?.()) ?? null;
  state.device.value = device;
  await renewNumbers(world);
  state.screen.value = { kind: "selling" };
  await openRegister(world, Promise.resolve());
  return { kind: "done" };
}

function selfKnown(answer: SessionAnswer | null): SessionAnswer {
  if (answer === null) throw new Error("an enrolment needs a person");
  return answer;
}

function prefixOf(body: unknown): string | null {
  if (!isRecord(body) || !isRecord(body["register"])) return null;
  const prefix = body["register"]["prefix"];
  return typeof prefix === "string" ? prefix : null;
}

/** Whether reloading now would interrupt nobody. */
export function isIdle(world: World): boolean {
  return isEmpty(world.state.tickets.value.current) && world.state.dialog.value === null;
}
