/**
 * What is owed, what has been given, what goes back.
 *
 * Owns: payments of a sale, cash rounding, quick amounts. Must not know: how a
 * cart is priced (quote.ts gives the total), the screen, the server.
 *
 * **Invariant:** of a settled charge, the amounts add up to total + rounding,
 * and change = tendered − the cash amount (money.md, rule 7).
 */

import type { Denominations } from "./country.ts";
import type { CashMode, MethodKind, PaymentContent, PaymentMethod } from "./model.ts";
import { decimalOf, minorOf } from "./money.ts";

/** A part that is settled by something other than cash. */
export interface Part {
  method: PaymentMethod;
  amountMinor: number;
  bank: string | null;
  reference: string | null;
}

export interface Rounding {
  stepMinor: number;
  mode: CashMode;
}

export interface Owing {
  totalMinor: number;
  parts: readonly Part[];
  /** What was handed over in notes and coins; null: nothing typed yet. */
  tenderedMinor: number | null;
  rounding: Rounding;
}

export interface Balance {
  /** What other means leave to pay, before cash rounding. */
  restMinor: number;
  /** The rest as it is paid in cash. */
  cashDueMinor: number;
  roundingMinor: number;
  missingMinor: number;
  changeMinor: number;
  isSettled: boolean;
}

/** Rounds a cash amount to the shop's step; ties by the shop's mode. */
export function roundCash(amountMinor: number, rounding: Rounding): number {
  const { stepMinor, mode } = rounding;
  if (stepMinor <= 0) return amountMinor;
  const over = amountMinor % stepMinor;
  const down = amountMinor - over;
  if (over === 0 || mode === "down") return down;
  const isTie = over * 2 === stepMinor;
  const goesUp = isTie ? mode === "half_up" : over * 2 > stepMinor;
  return goesUp ? down + stepMinor : down;
}

export function balanceOf(owing: Owing): Balance {
  const covered = owing.parts.reduce((sum, part) => sum + part.amountMinor, 0);
  const restMinor = Math.max(0, owing.totalMinor - covered);
  const cashDueMinor = roundCash(restMinor, owing.rounding);
  const given = owing.tenderedMinor ?? 0;
  const paysCash = restMinor > 0 && (owing.tenderedMinor !== null || cashDueMinor === 0);
  const isSettled = restMinor === 0 || (paysCash && given >= cashDueMinor);
  return {
    restMinor,
    cashDueMinor,
    roundingMinor: paysCash ? cashDueMinor - restMinor : 0,
    missingMinor: isSettled ? 0 : Math.max(0, cashDueMinor - given),
    changeMinor: isSettled ? Math.max(0, given - (restMinor === 0 ? 0 : cashDueMinor)) : 0,
    isSettled,
  };
}

export type PartProblem = "amount" | "too_much" | "bank" | "reference";

/** What keeps a part from being taken, in the order in which it is asked for. */
export function problemOfPart(part: Part, restMinor: number): PartProblem | null {
  if (part.amountMinor <= 0) return "amount";
  if (part.amountMinor > restMinor) return "too_much";
  if (part.method.needs_bank && (part.bank ?? "").trim() === "") return "bank";
  if (part.method.needs_reference && (part.reference ?? "").trim() === "") return "reference";
  return null;
}

/** The payments of a settled charge as the server takes them. */
export function paymentsOf(owing: Owing, cash: PaymentMethod | undefined, exponent: number): { payments: PaymentContent[]; roundingMinor: number; changeMinor: number } {
  const balance = balanceOf(owing);
  if (!balance.isSettled) throw new RangeError("a charge is taken only when it is settled");
  const payments = owing.parts.map((part): PaymentContent => ({
    method_id: part.method.id, amount: decimalOf(part.amountMinor, exponent), tendered: null, bank: part.bank, reference: part.reference,
  }));
  if (balance.restMinor > 0) {
    if (cash === undefined) throw new RangeError("the rest is paid in cash, and the shop takes none");
    payments.push({
      method_id: cash.id, amount: decimalOf(balance.cashDueMinor, exponent), tendered: decimalOf(owing.tenderedMinor ?? 0, exponent), bank: null, reference: null,
    });
  }
  return { payments, roundingMinor: balance.roundingMinor, changeMinor: balance.changeMinor };
}

// ── Quick amounts ──────────────────────────────────────────────────────────

export interface Quick {
  amountMinor: number;
  /** The notes of which the amount is made, largest first. */
  notes: number[];
}

const QUICK_MAX = 4;
/** Nobody rounds 123.400 up to the next 2.000: smaller steps than this part are noise. */
const FINEST_PART = 20;

/** A two of its decade (2.000, 20.000) is given alone, seldom in a row. */
function startsWithTwo(value: number): boolean {
  return String(value).startsWith("2");
}

/**
 * The amounts that a customer is likely to hand over for `dueMinor`: the next
 * multiples of the country's notes, without the exact one.
 */
export function quickAmounts(dueMinor: number, money: Denominations, exponent: number): Quick[] {
  if (dueMinor <= 0) return [];
  const notes = money.notes.map((value) => minorOf(value, exponent));
  const steps = [...notes, ...money.coins.slice(0, 1).map((value) => minorOf(value, exponent))];
  const amounts = new Set<number>();
  for (const step of steps) {
    const next = Math.ceil(dueMinor / step) * step;
    const isPlausible = step * FINEST_PART >= dueMinor && (!startsWithTwo(step) || next === step);
    if (isPlausible && next > dueMinor) amounts.add(next);
  }
  return [...amounts]
    .sort((a, b) => a - b)
    .slice(0, QUICK_MAX)
    .map((amountMinor) => ({ amountMinor, notes: notesFor(amountMinor, notes) }));
}

/** Largest first; what notes cannot make is left to coins. */
function notesFor(amountMinor: number, notes: readonly number[]): number[] {
  const made: number[] = [];
  let rest = amountMinor;
  for (const note of notes) {
    while (rest >= note && made.length < 12) {
      made.push(note);
      rest -= note;
    }
  }
  return made;
}

/** Icons and shortcuts follow the kind, never the name. */
export const KIND_ORDER: readonly MethodKind[] = ["cash", "transfer", "card", "other", "house_account"];
