/**
 * What every act that the server may refuse has in common.
 *
 * Owns: when the server is asked at all, and how its no is said. Must not
 * know: kinds of acts, elements.
 */

import type { Item, Kind, Refusal, Uuid } from "./model.ts";
import { enqueue, type Resolution } from "./outbox.ts";
import type { Writing } from "./store.ts";
import { selling, stampNow, tell, texts, type World } from "./world.ts";

/** Nobody waits two seconds for a server that did not answer a moment ago. */
export function resolveItem(world: World, id: Uuid): Promise<Resolution> {
  const isThere = world.mayBeOnline() && world.state.outbox.value.reachable;
  return isThere ? world.outbox.tryOnline(id) : world.outbox.keepForLater(id);
}

export function refusalOfAct(world: World, refusal: Refusal): string {
  const t = texts(world);
  const own: Record<string, string> = {
    SESSION_CLOSED: t.refused_session_closed,
    PRICE_CHANGED: t.refused_price_changed,
    PERMISSION_DENIED: t.refused_permission,
    UNKNOWN_PRODUCT: t.refused_unknown_product,
    CONFLICT: t.refused_conflict,
    CODE_TAKEN: t.refused_code_taken,
  };
  // The server's own words are the more exact ones, where it has any.
  return refusal.message === "" ? (own[refusal.code] ?? t.refused_other(refusal.code)) : refusal.message;
}

/** The session as the disk has it, which every act may have changed. */
export async function reload(world: World): Promise<void> {
  world.state.cashSession.value = (await world.store.meta("cash_session")) ?? null;
}

/** Writes an item with what it changes here, then asks the server. */
export async function act(world: World, item: Item, needs: Uuid[], also: (writing: Writing) => void): Promise<Resolution> {
  await world.store.change(async (read) => {
    const queued = await enqueue(read, item, needs);
    return {
      result: null,
      write: (writing: Writing) => {
        queued(writing);
        also(writing);
      },
    };
  });
  const resolution = await resolveItem(world, item.id);
  await reload(world);
  if (resolution.kind === "refused") tell(world, refusalOfAct(world, resolution.refusal), "bad");
  return resolution;
}

export function newItem<K extends Kind>(world: World, kind: K, id: Uuid, content: Extract<Item, { kind: K }>["content"]): Extract<Item, { kind: K }> {
  // The four common fields and a matching content make an item of this kind.
  return { id, kind, at: stampNow(world), offline: false, person: selling(world).user.id, content } as Extract<Item, { kind: K }>;
}
