/**
 * The grammar of the one search box: `9*code`, `3x`, a short number after a
 * scan, a code, or words.
 *
 * Owns: what a typed text means. Must not know: products, the cart, the screen.
 */

import type { Shop } from "./model.ts";
import { readQuantity } from "./money.ts";

export type Entry =
  | { kind: "nothing" }
  /** `3*` alone: the next thing that is added comes three times. */
  | { kind: "times"; timesMilli: number }
  /** At most four digits right after a scan: the count that replaces it. */
  | { kind: "count"; count: number }
  /** Five digits or more, or a code after a multiplier. */
  | { kind: "code"; code: string; timesMilli: number }
  /** Anything else: words to look for. */
  | { kind: "words"; words: string; timesMilli: number };

const ONE_MILLI = 1000;

/** The multiplier in front of what was typed, and what is left after it. */
export function splitTimes(text: string, rules: Pick<Shop, "locale" | "country">): { timesMilli: number; rest: string } {
  const parts = /^\s*(\d{1,4}(?:[.,]\d{1,3})?)\s*(?:[*×]|[xX](?=\s*$|\s*\d))\s*(.*)$/.exec(text);
  const timesMilli = parts === null ? null : readQuantity(parts[1] ?? "", rules);
  if (parts === null || timesMilli === null || timesMilli === 0) return { timesMilli: ONE_MILLI, rest: text.trim() };
  return { timesMilli, rest: (parts[2] ?? "").trim() };
}

/** What Enter means on `text`; `afterScan` says that the last act was a scan. */
export function readEntry(text: string, afterScan: boolean, rules: Pick<Shop, "locale" | "country">): Entry {
  const trimmed = text.trim();
  if (trimmed === "") return { kind: "nothing" };
  if (afterScan && /^\d{1,4}$/.test(trimmed) && Number(trimmed) > 0) return { kind: "count", count: Number(trimmed) };
  const { timesMilli, rest } = splitTimes(trimmed, rules);
  if (rest === "") return { kind: "times", timesMilli };
  if (/^\d{5,}$/.test(rest)) return { kind: "code", code: rest, timesMilli };
  return { kind: "words", words: rest, timesMilli };
}

/**
 * Whether products are looked for while `text` stands in the box. A count
 * after a scan and a multiplier are not searches; nor is a single digit, which
 * is the first of a scan more often than anything else: the results would be
 * drawn and gone within the scan.
 */
export function isSearch(text: string, afterScan: boolean, rules: Pick<Shop, "locale" | "country">): boolean {
  const { rest } = splitTimes(text, rules);
  return rest !== "" && !(afterScan ? /^\d{1,4}$/ : /^\d$/).test(text.trim());
}
