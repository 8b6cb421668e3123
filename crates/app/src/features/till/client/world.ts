/**
 * What the till's acts work with: what is seen, what is kept, and the outside
 * world, all of it given, so that a test can be the world.
 *
 * Owns: nothing. Must not know: the screen's elements.
 */

import type { Api } from "./api.ts";
import type { Catalog } from "./catalog.ts";
import type { Micros, SessionAnswer, Shop, Uuid } from "./model.ts";
import type { Outbox } from "./outbox.ts";
import type { Photos } from "./photos.ts";
import type { State } from "./state.ts";
import type { Store } from "./store.ts";
import { textsOf, type Texts } from "./texts.ts";

export type Sound = "unknown" | "refused";

export interface World {
  state: State;
  store: Store;
  api: Api;
  catalog: Catalog;
  outbox: Outbox;
  photos: Photos;
  crypto: SubtleCrypto;
  now: () => Micros;
  newId: () => Uuid;
  after: (ms: number, then: () => void) => () => void;
  /** False only where the browser is sure that there is no network. */
  mayBeOnline: () => boolean;
  sound: (sound: Sound) => void;
  /** What the browser falls back on before the shop's language is known. */
  browserLanguage: string;
}

export function texts(world: Pick<World, "state" | "browserLanguage">): Texts {
  return textsOf(world.state.answer.value?.shop.locale ?? world.browserLanguage);
}

/** For acts that exist only while somebody sells. */
export function selling(world: World): SessionAnswer {
  const answer = world.state.answer.value;
  if (answer === null) throw new Error("nobody sells yet");
  return answer;
}

export function shopOf(world: World): Shop {
  return selling(world).shop;
}

/**
 * When something happens: this clock, corrected by what was last measured of the
 * server's. What is delivered bears it and the server adds nothing to it.
 */
export function stampNow(world: Pick<World, "now" | "api">): Micros {
  return world.now() + world.api.offset.micros;
}

/** Says something to everybody: on the screen and to a screen reader. */
export function tell(world: World, text: string, tone: "info" | "ok" | "warn" | "bad", undo: (() => void) | null = null): void {
  world.state.notice.value = { text, tone, undo };
  world.state.announcement.value = text;
}
