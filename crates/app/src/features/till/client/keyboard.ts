/**
 * The keys of the till, in one list: what runs, what the buttons print, what
 * `?` shows.
 *
 * Owns: which key does what. F5, F11, F12 and the browser's own combinations
 * are left alone. Must not know: elements beyond the search box.
 */

import { finishCharge, openCharge } from "./paying.ts";
import { holdTicket, recallAny, stepNow } from "./selling.ts";
import type { Dialog } from "./state.ts";
import type { Texts } from "./texts.ts";
import type { World } from "./world.ts";

type PlainText = { [K in keyof Texts]: Texts[K] extends string ? K : never }[keyof Texts];

export interface Shortcut {
  key: string;
  name: PlainText;
  inBar: boolean;
  run: (world: World) => void;
}

const open = (dialog: Dialog) => (world: World): void => {
  world.state.dialog.value = dialog;
};

function focusFinder(): void {
  const box = document.getElementById("buscar");
  if (box instanceof HTMLInputElement) {
    box.focus();
    box.select();
  }
}

function isSelling(world: World): boolean {
  const session = world.state.cashSession.value;
  return world.state.screen.value.kind === "selling" && session !== null && session.closed === null;
}

export const SHORTCUTS: readonly Shortcut[] = [
  { key: "F2", name: "key_find", inBar: false, run: focusFinder },
  { key: "F3", name: "key_customer", inBar: true, run: open({ kind: "customer" }) },
  { key: "F4", name: "key_hold", inBar: true, run: holdTicket },
  { key: "F6", name: "key_recall", inBar: true, run: recallAny },
  { key: "F7", name: "key_price", inBar: true, run: open({ kind: "price", product: null }) },
  { key: "F8", name: "key_discount", inBar: true, run: open({ kind: "discount", lineKey: null }) },
  { key: "F9", name: "key_charge", inBar: false, run: openCharge },
  { key: "F10", name: "key_drawer", inBar: false, run: open({ kind: "drawer" }) },
  { key: "?", name: "key_all", inBar: true, run: open({ kind: "keys" }) },
];

/** F-keys work wherever the focus is; in a dialog only those that make sense there. */
export function onFunctionKey(world: World, key: string): boolean {
  const shortcut = SHORTCUTS.find((each) => each.key === key && key.startsWith("F"));
  if (shortcut === undefined || !isSelling(world)) return false;
  const { dialog } = world.state;
  if (dialog.value?.kind === "charge") {
    if (key === "F9") void finishCharge(world);
    return true;
  }
  if (dialog.value === null) shortcut.run(world);
  return true;
}

/** Single characters outside every field. */
export function onLooseKey(world: World, character: string): boolean {
  const { dialog, paid } = world.state;
  if (!isSelling(world) || dialog.value !== null) return false;
  if (character === "+" || character === "-") {
    stepNow(world, character === "+" ? 1 : -1);
    return true;
  }
  if (character === "?") {
    dialog.value = { kind: "keys" };
    return true;
  }
  const isPaidShown = paid.value !== null && world.state.tickets.value.current.lines.length === 0;
  if (isPaidShown && character >= "1" && character <= "3") {
    document.querySelectorAll<HTMLElement>(".paid-acts > *")[Number(character) - 1]?.click();
    return true;
  }
  return false;
}
