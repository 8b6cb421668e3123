/**
 * The entry: gives the till its clock, its chance, its network and its
 * storage, and draws it.
 *
 * Owns: the only calls of `Date.now` and `getRandomValues` in the till. Must
 * not know: anything about sales.
 */

import { effect } from "@preact/signals";
import { render } from "preact";
import { Api, type Environment } from "./api.ts";
import { App } from "./app.tsx";
import { emptyCart } from "./cart.ts";
import { Catalog } from "./catalog.ts";
import { uuidV7 } from "./ids.ts";
import { onFunctionKey, onLooseKey } from "./keyboard.ts";
import { listenForScans, textFieldOf } from "./listen.ts";
import { Outbox } from "./outbox.ts";
import { photosIn } from "./photos.ts";
import { scanWithBox, takeWaitingScans } from "./selling.ts";
import { keepShell } from "./shell_updates.ts";
import { playSound } from "./sounds.ts";
import { makeState, type State } from "./state.ts";
import { Store } from "./store.ts";
import { pull } from "./sync.ts";
import { isIdle, start } from "./till.ts";
import { askWhoSells } from "./who.ts";
import { texts, type World } from "./world.ts";

const LOCK = "inventario-register";
const NOTICE_MS = 6_000;

const nowMicros = (): number => Date.now() * 1000;
const randomBytes = (count: number): Uint8Array => crypto.getRandomValues(new Uint8Array(count));
const newId = (): string => uuidV7(nowMicros(), randomBytes);
const random = (): number => (randomBytes(2)[0] ?? 0) / 256;
const after = (ms: number, then: () => void): (() => void) => {
  const timer = setTimeout(then, ms);
  return () => clearTimeout(timer);
};

/** What the till cannot do without, by the name that a person may look up. */
function lacking(): string | null {
  if (!window.isSecureContext) return "https";
  if (typeof indexedDB === "undefined") return "IndexedDB";
  if (navigator.locks === undefined) return "Web Locks";
  return null;
}

function makeWorld(state: State, store: Store): World {
  const environment: Environment = { fetch: (path, init) => fetch(path, init), nowMicros, crypto: crypto.subtle, abortAfter: (ms) => AbortSignal.timeout(ms) };
  const api = new Api(environment, { micros: 0 });
  const catalog = new Catalog();
  const outbox = new Outbox(store, {
    send: (items, limit) => {
      const device = state.device.value;
      if (device === null) return Promise.resolve({ kind: "unanswered", why: "no device" });
      return api.asDevice(device, { method: "POST", path: "/api/v1/till/batch", body: { items }, limitMs: limit === "patience" ? 2_000 : 20_000 });
    },
    random,
    after,
    onState: (next) => (state.outbox.value = next),
    onSettled: (row, outcome) => {
      void store.meta("cash_session").then((session) => (state.cashSession.value = session ?? null));
      // A product that the server did not take into the catalogue cannot be sold again.
      if (row.item.kind === "product" && outcome.outcome !== "accepted") {
        catalog.take([], [row.id], catalog.state);
        state.catalogTick.value += 1;
      }
    },
  });
  const photos = photosIn(caches, (path) => {
    const device = state.device.value;
    return device === null ? Promise.resolve(null) : api.fileAsDevice(device, path);
  });
  return { state, store, api, catalog, outbox, photos, crypto: crypto.subtle, now: nowMicros, newId, after, mayBeOnline: () => navigator.onLine, sound: playSound, browserLanguage: navigator.language };
}

/** The dialog on top decides where loose typing goes; without one, the search box. */
function fieldForLooseTyping(): HTMLInputElement | HTMLTextAreaElement | null {
  const dialogs = document.querySelectorAll<HTMLDialogElement>("dialog[open]");
  const top = dialogs[dialogs.length - 1];
  return top === undefined ? textFieldOf(document.getElementById("buscar")) : textFieldOf(top.querySelector("[data-loose]"));
}

function listen(world: World): void {
  listenForScans(window, {
    onScan: (code) => {
      if (world.state.screen.value.kind !== "selling") return;
      const box = document.getElementById("buscar");
      scanWithBox(world, code, box instanceof HTMLInputElement ? box.value : "");
      world.state.query.value = "";
    },
    fieldForLooseTyping,
    onLooseKey: (character) => onLooseKey(world, character),
    after,
  });
  window.addEventListener("keydown", (event) => {
    if (!event.ctrlKey && !event.altKey && !event.metaKey && onFunctionKey(world, event.key)) event.preventDefault();
    if (event.key === "Escape" && world.state.dialog.value === null) world.state.isTicketOpen.value = false;
  });
  window.addEventListener("online", () => void world.outbox.drain());
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState !== "visible") return;
    void world.outbox.drain();
    const { kind } = world.state.screen.value;
    if (kind === "sign_in") location.reload();
    // Somebody else may have signed in meanwhile; in the middle of a sale that waits.
    if (kind === "selling" && isIdle(world)) void askWhoSells(world);
    // A price changed at the office should not wait for the next round.
    if (kind === "selling") void pull(world);
  });
}

/** A notice goes by itself; what failed stays until it is read. */
function fadeNotices(world: World): void {
  let cancel = (): void => undefined;
  effect(() => {
    const notice = world.state.notice.value;
    cancel();
    if (notice === null || notice.tone === "bad") return;
    cancel = after(NOTICE_MS, () => {
      if (world.state.notice.value === notice) world.state.notice.value = null;
    });
  });
}

/** When a dialog is gone the next key belongs to the search box. */
function returnFocus(world: World): void {
  let wasOpen = false;
  effect(() => {
    const isOpen = world.state.dialog.value !== null;
    const isPaidShown = world.state.paid.peek() !== null;
    if (wasOpen && !isOpen && !isPaidShown && window.matchMedia("(pointer: fine)").matches) after(0, () => document.getElementById("buscar")?.focus());
    wasOpen = isOpen;
  });
  // What was scanned behind a dialog and has a question of its own is asked now.
  effect(() => {
    if (world.state.dialog.value === null) after(0, () => world.state.dialog.peek() === null && takeWaitingScans(world));
  });
}

/** The shell is the same for everybody; theme, language and title are this person's. */
function dressPage(world: World): void {
  const page = document.documentElement;
  const theme = /(?:^|;\s*)theme=(light|dark)(?:;|$)/.exec(document.cookie)?.[1];
  if (theme !== undefined) page.dataset["theme"] = theme;
  effect(() => {
    page.lang = world.state.answer.value?.shop.locale ?? world.browserLanguage;
    document.title = `${texts(world).title} · Inventario`;
  });
}

async function run(root: HTMLElement): Promise<void> {
  const state = makeState({ current: emptyCart(newId(), nowMicros()), held: [] });
  const store = await Store.open(() => location.reload());
  const world = makeWorld(state, store);
  dressPage(world);
  render(<App world={world} />, root);
  const lacks = lacking();
  if (lacks !== null) {
    state.screen.value = { kind: "unsupported", lacks };
    return;
  }
  keepShell(() => isIdle(world));
  // The promise ends with the page: that is what holds the register.
  const hold = async (): Promise<void> => {
    state.screen.value = { kind: "starting" };
    listen(world);
    fadeNotices(world);
    returnFocus(world);
    await start(world);
    await new Promise(() => undefined);
  };
  await navigator.locks.request(LOCK, { ifAvailable: true }, async (lock) => {
    if (lock !== null) await hold();
  });
  state.screen.value = { kind: "elsewhere" };
  await navigator.locks.request(LOCK, hold);
}

const root = document.getElementById("till");
if (root !== null) void run(root);
