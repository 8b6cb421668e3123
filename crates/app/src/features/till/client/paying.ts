/**
 * Charging: from the open ticket to a sale that is on the disk and, where the
 * server answers in time, with the server.
 *
 * Owns: the acts of the payment dialog. Must not know: elements, keys.
 *
 * **Invariant:** the cart, the number and the outbox row of a sale are written
 * in one durable transaction before anybody is told *pagado*.
 */

import { batch } from "@preact/signals";
import { refusalOfAct, resolveItem } from "./acts.ts";
import { finish, isEmpty, unitsMilli, type Cart } from "./cart.ts";
import { balanceOf, paymentsOf, problemOfPart, roundCash, type Balance, type Owing, type Part } from "./charge.ts";
import type { CustomerContent, Item, PaymentMethod, Refusal, SaleContent, SaleLineContent, Uuid } from "./model.ts";
import { decimalOf, formatAmount, formatMoney, formatQuantity, milliOf, minorOf, quantityDecimal, readMoney } from "./money.ts";
import { remaining, take, type Taken } from "./numbers.ts";
import { enqueue } from "./outbox.ts";
import { freshCart, takeWaitingScans } from "./selling.ts";
import { withSale } from "./session.ts";
import type { Charging } from "./state.ts";
import type { LocalSale } from "./store.ts";
import { pull } from "./sync.ts";
import { selling, shopOf, stampNow, tell, texts, type World } from "./world.ts";

export function methodsOf(world: World): PaymentMethod[] {
  const mayOwe = selling(world).rights.give_credit;
  // Fiado asks for a balance and a limit, which come with the house accounts.
  return world.catalog.state.payment_methods.filter((method) => method.kind !== "house_account" || mayOwe);
}

function cashMethod(world: World): PaymentMethod | undefined {
  return methodsOf(world).find((method) => method.kind === "cash");
}

export function totalMinor(world: World): number {
  const priced = world.state.priced.value;
  return priced.kind === "priced" ? priced.quote.totalMinor : 0;
}

function rounding(world: World): Owing["rounding"] {
  const shop = shopOf(world);
  return { stepMinor: minorOf(shop.cash_step, shop.exponent), mode: shop.cash_mode };
}

/**
 * What was typed, as cash; null where cash is not the method or nothing is
 * typed. Who types the figure that the screen shows pays exactly, although the
 * shop keeps decimals that it does not show.
 */
function tenderedMinor(world: World, charging: Charging, total: number): number | null {
  if (charging.method?.kind !== "cash" || charging.amountText.trim() === "") return null;
  const shop = shopOf(world);
  const typed = readMoney(charging.amountText, shop);
  const due = balanceOf({ totalMinor: total, parts: charging.parts, tenderedMinor: null, rounding: rounding(world) }).cashDueMinor;
  return typed !== null && formatAmount(typed, shop) === formatAmount(due, shop) ? due : typed;
}

export function owing(world: World, charging: Charging): Owing {
  const total = totalMinor(world);
  return { totalMinor: total, parts: charging.parts, tenderedMinor: tenderedMinor(world, charging, total), rounding: rounding(world) };
}

export function balance(world: World, charging: Charging): Balance {
  return balanceOf(owing(world, charging));
}

/** The rest as the chosen method would pay it: rounded only where it is cash. */
export function dueMinor(world: World, charging: Charging): number {
  const { restMinor } = balance(world, charging);
  return charging.method?.kind === "cash" ? roundCash(restMinor, rounding(world)) : restMinor;
}

/** What would still be owed after taking what is typed; nothing typed takes all. */
export function leftAfter(world: World, charging: Charging): number {
  const now = balance(world, charging);
  if (charging.amountText.trim() === "") return 0;
  if (charging.method?.kind === "cash") return now.missingMinor;
  return Math.max(0, now.restMinor - (readMoney(charging.amountText, shopOf(world)) ?? 0));
}

export function openCharge(world: World): void {
  const { tickets, priced, dialog, charging, cashSession } = world.state;
  if (isEmpty(tickets.value.current) || charging.value?.isBusy === true) return;
  if (cashSession.value === null || cashSession.value.closed !== null) return tell(world, texts(world).open_first, "warn");
  if (priced.value.kind !== "priced") return tell(world, texts(world).cannot_price, "bad");
  batch(() => {
    charging.value = { method: cashMethod(world) ?? methodsOf(world)[0] ?? null, parts: [], amountText: "", isTapped: false, bank: "", reference: "", problem: null, isBusy: false };
    dialog.value = { kind: "charge" };
  });
}

export function closeCharge(world: World): void {
  if (world.state.charging.value?.isBusy === true) return;
  batch(() => {
    world.state.charging.value = null;
    if (world.state.dialog.value?.kind === "charge") world.state.dialog.value = null;
  });
}

function change(world: World, to: Partial<Charging>): void {
  const { charging } = world.state;
  if (charging.value === null || charging.value.isBusy) return;
  charging.value = { ...charging.value, problem: null, ...to };
}

export const chooseMethod = (world: World, method: PaymentMethod): void => change(world, { method, amountText: "", isTapped: false, bank: "", reference: "" });
export const typeAmount = (world: World, amountText: string): void => change(world, { amountText, isTapped: false });
export const typeBank = (world: World, bank: string): void => change(world, { bank });
export const typeReference = (world: World, reference: string): void => change(world, { reference });

/** Notes laid on the counter add up; the first tap replaces what was typed. */
export function tapAmount(world: World, amountMinor: number, text: (minor: number) => string): void {
  const charging = world.state.charging.value;
  if (charging === null) return;
  const before = charging.isTapped ? (readMoney(charging.amountText, shopOf(world)) ?? 0) : 0;
  change(world, { amountText: text(before + amountMinor), isTapped: true });
}

export function removePart(world: World, at: number): void {
  const charging = world.state.charging.value;
  if (charging !== null) change(world, { parts: charging.parts.filter((_, index) => index !== at) });
}

/** Takes what is typed as a part of the payment; an empty amount is the rest. */
export function addPart(world: World): boolean {
  const charging = world.state.charging.value;
  const method = charging?.method ?? null;
  if (charging === null || method === null || method.kind === "cash") return false;
  const { restMinor } = balance(world, charging);
  const typed = charging.amountText.trim() === "" ? restMinor : readMoney(charging.amountText, shopOf(world));
  const part: Part = { method, amountMinor: typed ?? 0, bank: filled(charging.bank), reference: filled(charging.reference) };
  const problem = problemOfPart(part, restMinor);
  const t = texts(world);
  if (problem !== null) {
    change(world, { problem: { amount: t.problem_amount, too_much: t.problem_too_much, bank: t.problem_bank, reference: t.problem_reference }[problem] });
    return false;
  }
  const isWhole = part.amountMinor === restMinor;
  change(world, { parts: [...charging.parts, part], amountText: "", bank: "", reference: "", method: isWhole ? method : (cashMethod(world) ?? method) });
  return true;
}

function filled(text: string): string | null {
  return text.trim() === "" ? null : text.trim();
}

/**
 * F9 and Enter: whatever is typed is taken, an empty amount is the exact rest,
 * and where that settles the total the sale is made.
 */
export async function finishCharge(world: World): Promise<void> {
  const charging = world.state.charging.value;
  if (charging === null || charging.isBusy) return;
  const t = texts(world);
  const before = balance(world, charging);
  const isCash = charging.method?.kind === "cash";
  if (before.restMinor > 0 && !isCash && !addPart(world)) return;
  if (before.restMinor > 0 && isCash && charging.amountText.trim() === "") change(world, { amountText: plain(world, before.cashDueMinor) });
  const now = world.state.charging.value;
  if (now === null) return;
  if (isCash && now.amountText.trim() !== "" && readMoney(now.amountText, shopOf(world)) === null) return change(world, { problem: t.problem_amount });
  const after = balance(world, now);
  if (!after.isSettled) {
    // Cash that does not reach is not a part yet: the rest must be said first.
    return isCash ? change(world, { problem: t.problem_missing(formatMoney(after.missingMinor, shopOf(world))) }) : undefined;
  }
  await makeSale(world, now);
}

/** As a person would type it, so that the field reads back what it was given. */
function plain(world: World, minor: number): string {
  const { exponent } = shopOf(world);
  const text = decimalOf(minor, exponent);
  return exponent === 0 ? text : text.replace(/\.0+$/, "");
}

// ── The sale ───────────────────────────────────────────────────────────────

async function makeSale(world: World, charging: Charging): Promise<void> {
  const { state } = world;
  const cart = state.tickets.value.current;
  state.charging.value = { ...charging, isBusy: true, problem: null };
  let made: LocalSale | null;
  try {
    made = await writeSale(world, cart, owing(world, charging));
  } catch (error) {
    // What cannot be stored is not sold: the disk is full, or the browser closed the store.
    console.error(error);
    return release(world, texts(world).problem_not_stored);
  }
  if (made === null) return release(world, texts(world).problem_no_numbers);
  try {
    await resolve(world, made);
  } catch (error) {
    // The sale is written and its answer is not: the ticket stays locked, and opening the till again settles it.
    console.error(error);
    state.charging.value = { ...charging, isBusy: true, problem: texts(world).problem_reload };
  }
}

function release(world: World, problem: string): void {
  const { charging } = world.state;
  if (charging.value !== null) charging.value = { ...charging.value, isBusy: false, problem };
  world.sound("refused");
  takeWaitingScans(world);
}

/** Number, session, sale and outbox row: all of them or none. */
async function writeSale(world: World, cart: Cart, due: Owing): Promise<LocalSale | null> {
  const atMicros = stampNow(world);
  const { user, shop } = selling(world);
  const paid = paymentsOf(due, cashMethod(world), shop.exponent);
  return world.store.change(async (read) => {
    const numbers = await read.meta("numbers");
    const session = await read.meta("cash_session");
    const taken = numbers === undefined ? null : take(numbers, atMicros);
    if (taken === null || session == null || session.closed !== null) return { result: null, write: () => undefined };
    const content = contentOf(world, cart, due.totalMinor, paid, taken.taken, session.id);
    const item: Item = { id: cart.id, kind: "sale", at: atMicros, offline: false, person: user.id, content };
    const queued = await enqueue(read, item, needsOf(world, content));
    const sale: LocalSale = { id: cart.id, atMicros, state: "sending", content, person: user.name, customerName: cart.customer?.name ?? null, prints: 0 };
    const cashMinor = due.tenderedMinor === null || paid.payments.every((payment) => payment.tendered === null) ? 0 : balanceOf(due).cashDueMinor;
    const next = withSale(session, cashMinor);
    return {
      result: sale,
      write: (writing) => {
        writing.putMeta("numbers", taken.numbers);
        writing.putMeta("cash_session", next);
        writing.putSale(sale);
        queued(writing);
      },
    };
  });
}

function contentOf(world: World, cart: Cart, total: number, paid: ReturnType<typeof paymentsOf>, taken: Taken, sessionId: Uuid): SaleContent {
  const { exponent } = shopOf(world);
  const lines = cart.lines.map((line): SaleLineContent => ({
    product_id: line.product_id, name: line.name, quantity: quantityDecimal(line.quantityMilli), pack: line.pack, unit_price: line.unit_price, taxes: line.taxes, discount: line.discount, note: line.note,
  }));
  return {
    prefix: taken.prefix, number: taken.number, session_id: sessionId, catalog_version: world.catalog.state.version, customer: customerOf(cart), lines, discount: cart.discount, payments: paid.payments,
    expected: { total: decimalOf(total, exponent), cash_rounding: decimalOf(paid.roundingMinor, exponent), change: decimalOf(paid.changeMinor, exponent) },
    note: cart.note,
  };
}

function customerOf(cart: Cart): CustomerContent {
  if (cart.customer === null) return null;
  return cart.customer.kind === "registered" ? { id: cart.customer.id } : { name: cart.customer.name };
}

/** What the server must have first; a product of version 0 was made here. */
function needsOf(world: World, content: SaleContent): Uuid[] {
  const customer = content.customer !== null && "id" in content.customer ? [content.customer.id] : [];
  const made = content.lines.map((line) => line.product_id).filter((id) => world.catalog.product(id)?.version === 0);
  return [content.session_id, ...customer, ...made];
}

/** Asks the server where it can be reached; otherwise the sale is made without it. */
async function resolve(world: World, sale: LocalSale): Promise<void> {
  const resolution = await resolveItem(world, sale.id);
  world.state.cashSession.value = (await world.store.meta("cash_session")) ?? null;
  world.state.numbersLeft.value = remaining(await world.store.numbers(), world.now());
  if (resolution.kind === "refused") {
    // The ticket follows the catalogue; the person reads the new total and charges again.
    if (resolution.refusal.code === "PRICE_CHANGED") void pull(world);
    return release(world, refusalText(world, resolution.refusal, sale));
  }
  showPaid(world, (await world.store.sale(sale.id)) ?? sale, resolution.kind === "offline");
}

function showPaid(world: World, sale: LocalSale, isOffline: boolean): void {
  const { state, catalog } = world;
  const { exponent } = shopOf(world);
  for (const line of sale.content.lines) catalog.noteSold(line.product_id, unitsMilli({ quantityMilli: milliOf(line.quantity), pack: line.pack }));
  const tickets = finish(state.tickets.value, freshCart(world));
  const changeMinor = minorOf(sale.content.expected.change, exponent);
  batch(() => {
    state.tickets.value = tickets;
    state.charging.value = null;
    state.dialog.value = null;
    state.unknownCode.value = null;
    state.isTicketOpen.value = false;
    state.catalogTick.value += 1;
    state.paid.value = { sale, numberText: numberText(sale.content), totalMinor: minorOf(sale.content.expected.total, exponent), changeMinor, isOffline };
  });
  void world.store.saveTickets(tickets);
  state.announcement.value = texts(world).said_paid(formatMoney(changeMinor, shopOf(world)));
  takeWaitingScans(world);
}

export function numberText(content: Pick<SaleContent, "prefix" | "number">): string {
  return `${content.prefix}${content.number}`;
}

/** The server's own words, made precise where the till knows more. */
export function refusalText(world: World, refusal: Refusal, sale: LocalSale): string {
  return refusal.code === "STOCK_INSUFFICIENT" ? lackingText(world, refusal, sale) : refusalOfAct(world, refusal);
}

function lackingText(world: World, refusal: Refusal, sale: LocalSale): string {
  const shop = shopOf(world);
  const t = texts(world);
  const lacking = Object.entries(refusal.fields).flatMap(([index, onHand]) => {
    const line = sale.content.lines[Number(index)];
    const unit = line === undefined ? undefined : (world.catalog.product(line.product_id)?.unit ?? "unidad");
    const left = typeof onHand === "string" ? readMilli(onHand) : null;
    return line === undefined || unit === undefined ? [] : [t.refused_stock(line.name, left === null ? "0" : formatQuantity(left, unit, shop))];
  });
  return lacking.length === 0 ? t.refused_stock_any : lacking.join(" ");
}

function readMilli(text: string): number | null {
  return /^\d+(\.\d{1,3})?$/.test(text) ? milliOf(text) : null;
}

/**
 * After a crash between writing and the answer: the customer was not told
 * *pagado*, so the server is asked as if the charge had just been made.
 */
export async function resolveInterrupted(world: World): Promise<void> {
  const pending = (await world.store.rows()).filter((row) => row.state === "sending");
  for (const row of pending) {
    const resolution = await resolveItem(world, row.id);
    if (resolution.kind === "refused") {
      tell(world, texts(world).interrupted_refused, "warn");
    } else if (row.item.kind === "sale") {
      const sale = await world.store.sale(row.id);
      if (sale !== undefined && world.state.tickets.value.current.id === sale.id) showPaid(world, sale, resolution.kind === "offline");
    }
  }
  world.state.cashSession.value = (await world.store.meta("cash_session")) ?? null;
}
