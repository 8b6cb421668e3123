/**
 * The notes and coins of a country, for quick amounts and for counting a drawer.
 *
 * Owns: the list of what is in circulation, largest first, in whole units of
 * the currency ("0.50" where coins are smaller). Must not know: the sale.
 *
 * Sources: the central banks' lists of current notes and coins (Banco de la
 * República, Banxico, BCRP, BCCh, BCRA, BCU, BCP, BCB, BCE, Banguat).
 */

import type { Decimal } from "./model.ts";

export interface Denominations {
  notes: readonly Decimal[];
  coins: readonly Decimal[];
}

const BY_COUNTRY: Readonly<Record<string, Denominations>> = {
  CO: { notes: ["100000", "50000", "20000", "10000", "5000", "2000"], coins: ["1000", "500", "200", "100", "50"] },
  MX: { notes: ["1000", "500", "200", "100", "50", "20"], coins: ["10", "5", "2", "1", "0.50"] },
  PE: { notes: ["200", "100", "50", "20", "10"], coins: ["5", "2", "1", "0.50", "0.20", "0.10"] },
  CL: { notes: ["20000", "10000", "5000", "2000", "1000"], coins: ["500", "100", "50", "10"] },
  AR: { notes: ["20000", "10000", "2000", "1000", "500", "200", "100"], coins: ["10", "5", "2", "1"] },
  UY: { notes: ["2000", "1000", "500", "200", "100", "50", "20"], coins: ["50", "10", "5", "2", "1"] },
  PY: { notes: ["100000", "50000", "20000", "10000", "5000", "2000"], coins: ["1000", "500", "100", "50"] },
  BO: { notes: ["200", "100", "50", "20", "10"], coins: ["5", "2", "1", "0.50", "0.20", "0.10"] },
  BR: { notes: ["200", "100", "50", "20", "10", "5", "2"], coins: ["1", "0.50", "0.25", "0.10", "0.05"] },
  GT: { notes: ["200", "100", "50", "20", "10", "5", "1"], coins: ["1", "0.50", "0.25", "0.10", "0.05"] },
};

/** Where the dollar circulates (Ecuador, El Salvador, Panama), and for the rest. */
const DOLLAR: Denominations = { notes: ["100", "50", "20", "10", "5", "1"], coins: ["1", "0.50", "0.25", "0.10", "0.05", "0.01"] };

export function denominationsOf(country: string): Denominations {
  return BY_COUNTRY[country] ?? DOLLAR;
}
