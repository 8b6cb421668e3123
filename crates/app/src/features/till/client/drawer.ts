/**
 * The drawer and who is written down: opening and closing the cash session,
 * money in and out, customers made at the till.
 *
 * Owns: those acts. Must not know: elements, how items travel.
 */

import { changeCustomer } from "./selling.ts";
import { decimalOf, minorOf } from "./money.ts";
import { act, newItem, reload } from "./acts.ts";
import { isRecord, PATIENCE_MS } from "./api.ts";
import type { Uuid } from "./model.ts";
import { fold } from "./search.ts";
import { closedSession, countsOf, countedTotal, openedSession, withEntry, type CashSession } from "./session.ts";
import type { LocalCustomer } from "./store.ts";
import { askWhoSells } from "./who.ts";
import { selling, shopOf, stampNow, tell, texts, type World } from "./world.ts";

export interface Piece {
  valueMinor: number;
  pieces: number;
}

export async function openSession(world: World, openingMinor: number): Promise<boolean> {
  const { exponent } = shopOf(world);
  const id = world.newId();
  const session = openedSession(id, stampNow(world), openingMinor, selling(world).user.name);
  const item = newItem(world, "open_session", id, { session_id: id, opening: decimalOf(openingMinor, exponent) });
  const resolution = await act(world, item, [], (writing) => writing.putMeta("cash_session", session));
  if (resolution.kind === "refused" && resolution.refusal.code === "CONFLICT") {
    await askWhoSells(world);
    await adoptOpenSession(world);
  }
  return resolution.kind !== "refused";
}

/**
 * A browser that takes over a register finds its session open on the server.
 * One whose closing is still on its way is not open, whatever the server thinks.
 */
export async function adoptOpenSession(world: World): Promise<void> {
  const { device, answer, cashSession } = world.state;
  const open = answer.value?.registers.find((register) => register.id === device.value?.register.id)?.session;
  if (cashSession.value !== null || open == null) return;
  const isClosing = (await world.store.rows()).some((row) => row.item.kind === "close_session" && row.item.content.session_id === open.id);
  if (isClosing) return;
  const session: CashSession = openedSession(open.id, open.opened_at, minorOf(open.opening, shopOf(world).exponent), selling(world).user.name);
  await world.store.write((writing) => writing.putMeta("cash_session", session));
  await reload(world);
}

export async function closeSession(world: World, pieces: readonly Piece[]): Promise<boolean> {
  const { exponent } = shopOf(world);
  const session = world.state.cashSession.value;
  if (session === null || session.closed !== null) return false;
  const countedMinor = countedTotal(pieces);
  const item = newItem(world, "close_session", world.newId(), { session_id: session.id, counted: decimalOf(countedMinor, exponent), counts: countsOf(pieces, exponent) });
  const closed = closedSession(session, countedMinor, stampNow(world));
  const resolution = await act(world, item, [session.id], (writing) => writing.putMeta("cash_session", closed));
  return resolution.kind !== "refused";
}

/** The count has been read: the register is free for the next session. */
export async function forgetClosedSession(world: World): Promise<void> {
  if (world.state.cashSession.value?.closed == null) return;
  await world.store.write((writing) => writing.putMeta("cash_session", null));
  await reload(world);
}

export async function moveCash(world: World, direction: "in" | "out", amountMinor: number, reason: string): Promise<boolean> {
  const { exponent } = shopOf(world);
  const session = world.state.cashSession.value;
  if (session === null || session.closed !== null) return false;
  const item = newItem(world, "cash_entry", world.newId(), { session_id: session.id, direction, amount: decimalOf(amountMinor, exponent), reason: reason.trim() });
  const resolution = await act(world, item, [session.id], (writing) => writing.putMeta("cash_session", withEntry(session, direction, amountMinor)));
  if (resolution.kind !== "refused") tell(world, direction === "in" ? texts(world).said_cash_in : texts(world).said_cash_out, "ok");
  return resolution.kind !== "refused";
}

// ── Customers ──────────────────────────────────────────────────────────────

export async function findCustomers(world: World, typed: string): Promise<LocalCustomer[]> {
  const wanted = fold(typed);
  const all = await world.store.customers();
  return all.filter((customer) => customer.folded.includes(wanted)).sort((a, b) => a.folded.localeCompare(b.folded)).slice(0, 20);
}

/** The shop's own list, asked where the server is there; what comes is for choosing, not kept. */
export async function findShopCustomers(world: World, typed: string): Promise<LocalCustomer[]> {
  if (typed.trim().length < 2 || !world.mayBeOnline()) return [];
  const answer = await world.api.asPerson({ method: "GET", path: `/api/v1/till/customers?q=${encodeURIComponent(typed.trim())}`, limitMs: PATIENCE_MS });
  if (answer.kind !== "ok" || !isRecord(answer.body) || !Array.isArray(answer.body["customers"])) return [];
  return answer.body["customers"].flatMap((each: unknown) => {
    if (!isRecord(each) || typeof each["id"] !== "string" || typeof each["name"] !== "string") return [];
    const text = (field: string): string | null => (typeof each[field] === "string" ? String(each[field]) : null);
    return [customerOf(each["id"], { name: each["name"], phone: text("phone"), document: text("document") })];
  });
}

/** Whoever was chosen once is known here when the server is away. */
export async function chooseCustomer(world: World, customer: LocalCustomer): Promise<void> {
  changeCustomer(world, { kind: "registered", id: customer.id, name: customer.name });
  await world.store.write((writing) => writing.putCustomer(customer));
}

function customerOf(id: Uuid, content: Pick<LocalCustomer, "name" | "phone" | "document">): LocalCustomer {
  return { id, ...content, folded: fold([content.name, content.phone ?? "", content.document ?? ""].join(" ")) };
}

export async function createCustomer(world: World, name: string, phone: string, document: string): Promise<boolean> {
  const id = world.newId();
  const content = { name: name.trim(), phone: phone.trim() === "" ? null : phone.trim(), document: document.trim() === "" ? null : document.trim() };
  const customer = customerOf(id, content);
  const resolution = await act(world, newItem(world, "customer", id, content), [], (writing) => writing.putCustomer(customer));
  if (resolution.kind === "refused") return false;
  changeCustomer(world, { kind: "registered", id, name: content.name });
  return true;
}
