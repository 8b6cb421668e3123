/**
 * What the server's answer to an item does to what the till keeps.
 *
 * Owns: the consequence of accepted, review, refused and "no answer", kind by
 * kind. Must not know: the network, the screen.
 *
 * **Invariant:** a refusal leaves everything as if the item had never been
 * made; nothing else takes an item back.
 */

import type { Contents, Item, Outcome } from "./model.ts";
import { minorOf } from "./money.ts";
import { free } from "./numbers.ts";
import { confirmedClosing, withEntry, withoutSale } from "./session.ts";
import type { OutboxRow, Reading, Writing } from "./store.ts";

/** Cash is what was tendered: no other payment carries that figure. */
export function cashOfSale(sale: Contents["sale"], exponent: number): number {
  return sale.payments.filter((payment) => payment.tendered !== null).reduce((sum, payment) => sum + minorOf(payment.amount, exponent), 0);
}

export async function settle(read: Reading, row: OutboxRow, outcome: Outcome): Promise<(writing: Writing) => void> {
  switch (outcome.outcome) {
    case "accepted":
      return confirmed(read, row.item, "delivered", outcome.data);
    case "review":
      return confirmed(read, row.item, "review", {});
    case "refused":
      return takenBack(read, row.item);
  }
}

async function confirmed(read: Reading, item: Item, state: "delivered" | "review", data: Record<string, unknown>): Promise<(writing: Writing) => void> {
  const sale = item.kind === "sale" ? await read.sale(item.id) : undefined;
  const session = item.kind === "close_session" ? await read.meta("cash_session") : undefined;
  const shop = item.kind === "close_session" ? (await read.meta("session_answer"))?.shop : undefined;
  const { expected, difference } = data;
  return (writing) => {
    writing.deleteRow(item.id);
    // What waits for somebody cannot be sold meanwhile; once posted, the catalogue brings it.
    if (item.kind === "product" && state === "review") writing.deleteProduct(item.id);
    if (sale !== undefined) writing.putSale({ ...sale, state });
    if (session != null && shop !== undefined && item.kind === "close_session" && session.id === item.content.session_id && typeof expected === "string" && typeof difference === "string") {
      writing.putMeta("cash_session", confirmedClosing(session, expected, difference, shop.exponent));
    }
  };
}

async function takenBack(read: Reading, item: Item): Promise<(writing: Writing) => void> {
  const session = await read.meta("cash_session");
  const numbers = await read.meta("numbers");
  const exponent = (await read.meta("session_answer"))?.shop.exponent ?? 0;
  return (writing) => {
    writing.deleteRow(item.id);
    switch (item.kind) {
      case "sale":
        writing.deleteSale(item.id);
        if (numbers !== undefined) writing.putMeta("numbers", free(numbers, { prefix: item.content.prefix, number: item.content.number }));
        if (session != null && session.id === item.content.session_id) writing.putMeta("cash_session", withoutSale(session, cashOfSale(item.content, exponent)));
        return;
      case "open_session":
        if (session != null && session.id === item.content.session_id) writing.putMeta("cash_session", null);
        return;
      case "close_session":
        if (session != null && session.id === item.content.session_id) writing.putMeta("cash_session", { ...session, closed: null });
        return;
      case "cash_entry":
        if (session != null && session.id === item.content.session_id) {
          writing.putMeta("cash_session", withEntry(session, item.content.direction === "in" ? "out" : "in", minorOf(item.content.amount, exponent)));
        }
        return;
      case "customer":
        writing.deleteCustomer(item.id);
        return;
      case "product":
        writing.deleteProduct(item.id);
    }
  };
}

/** Nobody answered in time: it happened, and from now on nobody can refuse it. */
export async function keptOffline(read: Reading, row: OutboxRow): Promise<(writing: Writing) => void> {
  const sale = row.item.kind === "sale" ? await read.sale(row.item.id) : undefined;
  return (writing) => {
    writing.putRow({ ...row, state: "waiting", item: { ...row.item, offline: true } });
    if (sale !== undefined) writing.putSale({ ...sale, state: "unsent" });
  };
}
