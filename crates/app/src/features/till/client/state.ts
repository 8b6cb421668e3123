/**
 * Everything that the screen shows, as signals.
 *
 * Owns: the names and types of what can be seen. Must not know: how any of it
 * comes about; the acts are in till.ts and its neighbours.
 */

import { computed, signal, type ReadonlySignal, type Signal } from "@preact/signals";
import type { Tickets } from "./cart.ts";
import type { Part } from "./charge.ts";
import type { Device } from "./device.ts";
import type { PaymentMethod, Product, SessionAnswer, Uuid } from "./model.ts";
import type { OutboxState } from "./outbox.ts";
import { priceCart, type Priced } from "./pricing.ts";
import type { CashSession } from "./session.ts";
import type { LocalSale } from "./store.ts";

/** Which of the program's few rooms one is in. */
export type Screen =
  | { kind: "starting" }
  /** Another tab of this browser holds the register. */
  | { kind: "elsewhere" }
  | { kind: "unsupported"; lacks: string }
  | { kind: "sign_in" }
  | { kind: "no_server" }
  | { kind: "enrol" }
  | { kind: "revoked"; unsent: number }
  | { kind: "selling" };

export type Dialog =
  | { kind: "charge" }
  | { kind: "customer" }
  | { kind: "recall" }
  | { kind: "price"; product: Product | null }
  | { kind: "discount"; lineKey: number | null }
  | { kind: "note"; lineKey: number }
  | { kind: "weight"; product: Product }
  | { kind: "open_price"; product: Product; quantityMilli: number }
  /** Nobody knows the code, or the words found nothing: a product is made in place. */
  | { kind: "new_product"; code: string | null; name: string; timesMilli: number }
  /** The code of a receipt was scanned. */
  | { kind: "found_receipt"; number: string }
  | { kind: "drawer" }
  | { kind: "close_session" }
  | { kind: "keys" }
  | { kind: "menu" }
  | { kind: "sales" }
  | { kind: "sync" }
  | { kind: "receipt"; sale: LocalSale; isCopy: boolean };

/** What is being typed while a sale is paid. */
export interface Charging {
  method: PaymentMethod | null;
  parts: Part[];
  /** As typed; "" means the rest. */
  amountText: string;
  /** Whether the amount came from taps on notes, which add up. */
  isTapped: boolean;
  bank: string;
  reference: string;
  problem: string | null;
  isBusy: boolean;
}

export interface Notice {
  text: string;
  tone: "info" | "ok" | "warn" | "bad";
  undo: (() => void) | null;
}

/** The sale just paid, shown until the next one begins. */
export interface Paid {
  sale: LocalSale;
  numberText: string;
  totalMinor: number;
  changeMinor: number;
  isOffline: boolean;
}

export type Shelf = { kind: "favorites" } | { kind: "category"; id: Uuid };

export interface State {
  screen: Signal<Screen>;
  answer: Signal<SessionAnswer | null>;
  device: Signal<Device | null>;
  tickets: Signal<Tickets>;
  priced: ReadonlySignal<Priced>;
  cashSession: Signal<CashSession | null>;
  outbox: Signal<OutboxState>;
  /** Grows with each change of the catalogue, which itself is no signal. */
  catalogTick: Signal<number>;
  isCatalogLoading: Signal<boolean>;
  shelf: Signal<Shelf>;
  query: Signal<string>;
  /** From `3*`: what the next thing added is multiplied by, in thousandths. */
  timesMilli: Signal<number>;
  dialog: Signal<Dialog | null>;
  charging: Signal<Charging | null>;
  paid: Signal<Paid | null>;
  notice: Signal<Notice | null>;
  /** For screen readers: what was just added, said once. */
  announcement: Signal<string>;
  /** Scanned while a charge was on its way; they belong to what comes after it. */
  scansWaiting: Signal<readonly { code: string; timesMilli: number }[]>;
  unknownCode: Signal<string | null>;
  isTicketOpen: Signal<boolean>;
  numbersLeft: Signal<number>;
  hasPersistence: Signal<boolean | null>;
}

export function makeState(tickets: Tickets): State {
  const answer = signal<SessionAnswer | null>(null);
  const open = signal(tickets);
  return {
    screen: signal<Screen>({ kind: "starting" }),
    answer,
    device: signal<Device | null>(null),
    tickets: open,
    priced: computed(() => (answer.value === null ? { kind: "empty" } : priceCart(open.value.current, answer.value.shop))),
    cashSession: signal<CashSession | null>(null),
    outbox: signal<OutboxState>({ waiting: 0, waitingSales: 0, stuck: [], reachable: true }),
    catalogTick: signal(0),
    isCatalogLoading: signal(true),
    shelf: signal<Shelf>({ kind: "favorites" }),
    query: signal(""),
    timesMilli: signal(1000),
    dialog: signal<Dialog | null>(null),
    charging: signal<Charging | null>(null),
    paid: signal<Paid | null>(null),
    notice: signal<Notice | null>(null),
    announcement: signal(""),
    scansWaiting: signal<readonly { code: string; timesMilli: number }[]>([]),
    unknownCode: signal<string | null>(null),
    isTicketOpen: signal(false),
    numbersLeft: signal(0),
    hasPersistence: signal<boolean | null>(null),
  };
}
