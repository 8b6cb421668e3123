/**
 * The cash session (turno) of this register as the till knows it: opened with
 * an amount, closed with a count.
 *
 * Owns: what should be in the drawer by what this till did. Must not know: the
 * screen, the server (whose figure wins when it answers).
 */

import type { CountedPieces, Decimal, Micros, Uuid } from "./model.ts";
import { decimalOf, minorOf } from "./money.ts";

export interface CashSession {
  id: Uuid;
  openedMicros: Micros;
  openingMinor: number;
  openedBy: string;
  /** Cash kept of sales made here: what covered them, change already gone. */
  cashSalesMinor: number;
  /** Pay-ins less pay-outs. */
  entriesMinor: number;
  sales: number;
  closed: Closing | null;
}

export interface Closing {
  atMicros: Micros;
  countedMinor: number;
  expectedMinor: number;
  differenceMinor: number;
  /** The server's figures have replaced the till's. */
  confirmed: boolean;
}

export function openedSession(id: Uuid, openedMicros: Micros, openingMinor: number, openedBy: string): CashSession {
  return { id, openedMicros, openingMinor, openedBy, cashSalesMinor: 0, entriesMinor: 0, sales: 0, closed: null };
}

export function withSale(session: CashSession, cashMinor: number): CashSession {
  return { ...session, sales: session.sales + 1, cashSalesMinor: session.cashSalesMinor + cashMinor };
}

/** A refused sale never was: it leaves the session as it came. */
export function withoutSale(session: CashSession, cashMinor: number): CashSession {
  return { ...session, sales: session.sales - 1, cashSalesMinor: session.cashSalesMinor - cashMinor };
}

export function withEntry(session: CashSession, direction: "in" | "out", amountMinor: number): CashSession {
  return { ...session, entriesMinor: session.entriesMinor + (direction === "in" ? amountMinor : -amountMinor) };
}

export function expectedCash(session: CashSession): number {
  return session.openingMinor + session.cashSalesMinor + session.entriesMinor;
}

export function closedSession(session: CashSession, countedMinor: number, atMicros: Micros): CashSession {
  const expectedMinor = expectedCash(session);
  return { ...session, closed: { atMicros, countedMinor, expectedMinor, differenceMinor: countedMinor - expectedMinor, confirmed: false } };
}

/** The server knows what other devices and the office posted to this session. */
export function confirmedClosing(session: CashSession, expected: Decimal, difference: Decimal, exponent: number): CashSession {
  if (session.closed === null) return session;
  const isNegative = difference.startsWith("-");
  const size = minorOf(difference.replace("-", ""), exponent);
  const expectedMinor = expected.startsWith("-") ? -minorOf(expected.slice(1), exponent) : minorOf(expected, exponent);
  return { ...session, closed: { ...session.closed, expectedMinor, differenceMinor: isNegative ? -size : size, confirmed: true } };
}

/** The sum of counted notes and coins. */
export function countedTotal(pieces: readonly { valueMinor: number; pieces: number }[]): number {
  return pieces.reduce((sum, each) => sum + each.valueMinor * each.pieces, 0);
}

export function countsOf(pieces: readonly { valueMinor: number; pieces: number }[], exponent: number): CountedPieces[] {
  return pieces.filter((each) => each.pieces > 0).map((each) => ({ value: decimalOf(each.valueMinor, exponent), pieces: each.pieces }));
}
