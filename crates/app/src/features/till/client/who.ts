/**
 * Who sells, as the server's session says.
 *
 * Owns: what each answer means to the till. Must not know: elements, sales.
 * A PIN without the server will be asked for here.
 */

import { batch } from "@preact/signals";
import { isRecord, PATIENCE_MS } from "./api.ts";
import { asCatalogued } from "./follow.ts";
import type { SessionAnswer } from "./model.ts";
import type { World } from "./world.ts";

/** The person's session decides; without an answer, the last one known goes on. */
export async function askWhoSells(world: World): Promise<void> {
  const { state, store, api } = world;
  const answer = await api.asPerson({ method: "GET", path: "/api/v1/till/session", limitMs: PATIENCE_MS });
  if (answer.kind === "ok" && isSessionAnswer(answer.body)) {
    const known = asCatalogued(world, answer.body);
    api.csrf = known.csrf;
    const isOtherShop = state.device.value !== null && state.device.value.shop_id !== known.shop.id;
    // The token lives as long as the web session; it is of no use to anybody later.
    if (!isOtherShop) await store.putSetting("session_answer", { ...known, csrf: "" });
    await store.putSetting("clock_offset", api.offset.micros);
    batch(() => {
      state.answer.value = known;
      state.screen.value = state.device.value === null || isOtherShop ? { kind: "enrol" } : { kind: "selling" };
    });
    return;
  }
  if (answer.kind === "refused" && (answer.status === 401 || answer.status === 403)) {
    state.screen.value = { kind: "sign_in" };
  } else if (state.screen.value.kind !== "selling") {
    state.screen.value = { kind: "no_server" };
  }
}

function isSessionAnswer(body: unknown): body is SessionAnswer {
  return isRecord(body) && isRecord(body["user"]) && isRecord(body["shop"]) && isRecord(body["rights"]) && Array.isArray(body["registers"]);
}
