/**
 * What every act that the server may refuse has in common.
 *
 * Owns: when the server is asked at all, and how its no is said. Must not
 * know: kinds of acts, elements.
 */

import type { Refusal, Uuid } from "./model.ts";
import type { Resolution } from "./outbox.ts";
import { texts, type World } from "./world.ts";

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
  };
  // The server's own words are the more exact ones, where it has any.
  return refusal.message === "" ? (own[refusal.code] ?? t.refused_other(refusal.code)) : refusal.message;
}
