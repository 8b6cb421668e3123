/**
 * Delivers what happened here, until the server has all of it.
 *
 * Owns: what goes into a batch, in which order, and when to try again. Must
 * not know: the screen, how requests are signed, what a sale contains.
 *
 * **Invariant:** a row leaves the outbox only in the transaction that writes
 * down the server's answer to it. Order is kept only where one item needs
 * another, so that one bad item never holds up the rest.
 */

import type { Answer } from "./api.ts";
import { isRecord } from "./api.ts";
import type { BatchAnswer, Item, Outcome, Refusal, Uuid } from "./model.ts";
import { keptOffline, settle } from "./settle.ts";
import type { OutboxRow, Reading, Store, Writing } from "./store.ts";

export const BATCH_ITEMS_MAX = 100;
/** The server takes 1 MB; the rest is room for the envelope and for UTF-8. */
export const BATCH_CHARACTERS_MAX = 400_000;
const RETRY_FIRST_MS = 1_000;
const RETRY_MAX_MS = 60_000;

export interface OutboxState {
  waiting: number;
  /** How many of them are sales: the word people look for. */
  waitingSales: number;
  /** Answered with a no that should not happen; tried again, and shown. */
  stuck: { id: Uuid; kind: Item["kind"]; problem: string }[];
  /** The last word from the network. */
  reachable: boolean;
}

export interface OutboxEnvironment {
  send: (items: Item[], limit: "patience" | "background") => Promise<Answer>;
  /** 0 ≤ x < 1; spreads the tills of a shop after an outage. */
  random: () => number;
  after: (ms: number, then: () => void) => () => void;
  onState: (state: OutboxState) => void;
  onSettled: (row: OutboxRow, outcome: Outcome) => void;
}

export type Resolution = { kind: "accepted"; data: Record<string, unknown> } | { kind: "review" } | { kind: "refused"; refusal: Refusal } | { kind: "offline" };

/** Grows from one second to one minute, half of it by chance. */
export function retryDelay(failures: number, random: number): number {
  const full = Math.min(RETRY_MAX_MS, RETRY_FIRST_MS * 2 ** Math.min(failures, 10));
  return Math.round(full / 2 + (full / 2) * random);
}

/** The rows to send now, oldest first; a row waits for what it needs unless that is stuck. */
export function chooseBatch(rows: readonly OutboxRow[], itemsMax: number, leaveOut: ReadonlySet<Uuid>): OutboxRow[] {
  const byId = new Map(rows.map((row) => [row.id, row]));
  const chosen = new Map<Uuid, OutboxRow>();
  let characters = 0;
  for (const row of rows) {
    if (row.state !== "waiting" || leaveOut.has(row.id)) continue;
    const isReady = row.needs.every((need) => {
      const needed = byId.get(need);
      return needed === undefined || chosen.has(need) || needed.problem !== null;
    });
    const size = JSON.stringify(row.item).length;
    if (!isReady) continue;
    if (chosen.size >= itemsMax || (chosen.size > 0 && characters + size > BATCH_CHARACTERS_MAX)) break;
    chosen.set(row.id, row);
    characters += size;
  }
  return [...chosen.values()];
}

/** A row with what it needs and the server may not have yet, needed first. */
export function withNeeds(rows: readonly OutboxRow[], id: Uuid): OutboxRow[] {
  const byId = new Map(rows.map((row) => [row.id, row]));
  const wanted = new Set<Uuid>();
  const visit = (each: Uuid): void => {
    const row = byId.get(each);
    if (row === undefined || wanted.has(each)) return;
    for (const need of row.needs) visit(need);
    wanted.add(each);
  };
  visit(id);
  return [...wanted].flatMap((each) => byId.get(each) ?? []);
}

/** Puts an item in line, inside the transaction that makes it. */
export async function enqueue(read: Reading, item: Item, needs: Uuid[]): Promise<(writing: Writing) => void> {
  const seq = ((await read.meta("last_seq")) ?? 0) + 1;
  return (writing) => {
    writing.putMeta("last_seq", seq);
    writing.putRow({ id: item.id, seq, item, needs, state: item.offline ? "waiting" : "sending", tries: 0, problem: null });
  };
}

export class Outbox {
  readonly #store: Store;
  readonly #env: OutboxEnvironment;
  #failures = 0;
  #reachable = true;
  #draining: Promise<void> | null = null;
  #again = false;
  #cancelRetry: () => void = () => undefined;

  constructor(store: Store, env: OutboxEnvironment) {
    this.#store = store;
    this.#env = env;
  }

  /**
   * The first try of an item, while somebody waits for it. Without an answer
   * in time it becomes an offline item; that, too, is on the disk before this
   * returns.
   */
  async tryOnline(id: Uuid): Promise<Resolution> {
    const batch = withNeeds(await this.#store.rows(), id);
    const answer = await this.#env.send(batch.map((row) => row.item), "patience");
    const results = resultsOf(answer, batch);
    this.#reachable = answer.kind !== "unanswered";
    if (results === null) {
      await this.#keepOffline(id);
      this.#retryLater();
      return { kind: "offline" };
    }
    let mine: Outcome | undefined;
    for (const row of batch) {
      const outcome = results.get(row.id);
      if (outcome !== undefined) await this.#settle(row, outcome);
      if (row.id === id) mine = outcome;
    }
    await this.#tellState();
    if (mine === undefined) return { kind: "offline" };
    if (mine.outcome === "refused") return { kind: "refused", refusal: mine.data };
    return mine.outcome === "accepted" ? { kind: "accepted", data: mine.data } : { kind: "review" };
  }

  /** Skips the online try: the till knows that nobody is there. */
  async keepForLater(id: Uuid): Promise<Resolution> {
    await this.#keepOffline(id);
    this.#retryLater();
    return { kind: "offline" };
  }

  /** Sends all that waits. Calls while one runs are joined and run once more. */
  drain(): Promise<void> {
    if (this.#draining !== null) {
      this.#again = true;
      return this.#draining;
    }
    this.#cancelRetry();
    this.#draining = this.#drainAll().finally(() => {
      this.#draining = null;
      if (this.#again) {
        this.#again = false;
        void this.drain();
      }
    });
    return this.#draining;
  }

  async #drainAll(): Promise<void> {
    const leaveOut = new Set<Uuid>();
    let itemsMax = BATCH_ITEMS_MAX;
    for (;;) {
      const batch = chooseBatch(await this.#store.rows(), itemsMax, leaveOut);
      if (batch.length === 0) break;
      const answer = await this.#env.send(batch.map((row) => row.item), "background");
      const results = resultsOf(answer, batch);
      this.#reachable = answer.kind !== "unanswered";
      if (results !== null) {
        await this.#settleAll(batch, results, leaveOut);
        continue;
      }
      if (!isAboutContent(answer)) {
        this.#failures += 1;
        await this.#tellState();
        this.#retryLater();
        return;
      }
      // The server dislikes something in this batch: smaller ones find out what.
      if (batch.length > 1) itemsMax = Math.max(1, Math.floor(batch.length / 2));
      else await this.#setAside(batch[0], answer.code, leaveOut);
    }
    this.#failures = leaveOut.size > 0 ? this.#failures + 1 : 0;
    await this.#tellState();
    if (leaveOut.size > 0) this.#retryLater();
  }

  async #settleAll(batch: readonly OutboxRow[], results: ReadonlyMap<Uuid, Outcome>, leaveOut: Set<Uuid>): Promise<void> {
    for (const row of batch) {
      const outcome = results.get(row.id);
      // What happened cannot be refused; a server that does so is wrong, and the row stays.
      if (outcome === undefined || outcome.outcome === "refused") await this.#setAside(row, outcome?.data.code ?? "NO_RESULT", leaveOut);
      else await this.#settle(row, outcome);
    }
    await this.#tellState();
  }

  async #settle(row: OutboxRow, outcome: Outcome): Promise<void> {
    if (outcome.outcome === "refused" && row.item.offline) return;
    const isMine = await this.#store.change(async (read) => {
      const isHere = (await read.row(row.id)) !== undefined;
      return { result: isHere, write: isHere ? await settle(read, row, outcome) : () => undefined };
    });
    if (isMine) this.#env.onSettled(row, outcome);
  }

  async #setAside(row: OutboxRow | undefined, problem: string, leaveOut: Set<Uuid>): Promise<void> {
    if (row === undefined) return;
    leaveOut.add(row.id);
    await this.#store.change(async (read) => {
      const kept = await read.row(row.id);
      return { result: null, write: (writing: Writing) => kept !== undefined && writing.putRow({ ...kept, tries: kept.tries + 1, problem }) };
    });
  }

  async #keepOffline(id: Uuid): Promise<void> {
    await this.#store.change(async (read) => {
      const row = await read.row(id);
      return { result: null, write: row === undefined ? () => undefined : await keptOffline(read, row) };
    });
    await this.#tellState();
  }

  #retryLater(): void {
    this.#cancelRetry();
    this.#cancelRetry = this.#env.after(retryDelay(this.#failures, this.#env.random()), () => void this.drain());
  }

  async #tellState(): Promise<void> {
    this.#env.onState(await this.state());
  }

  async state(): Promise<OutboxState> {
    const rows = await this.#store.rows();
    const waiting = rows.filter((row) => row.state === "waiting");
    const stuck = waiting.filter((row) => row.problem !== null).map((row) => ({ id: row.id, kind: row.item.kind, problem: row.problem ?? "" }));
    return { waiting: waiting.length, waitingSales: waiting.filter((row) => row.item.kind === "sale").length, stuck, reachable: this.#reachable };
  }

  stop(): void {
    this.#cancelRetry();
  }
}

/** The outcomes by id, or null where the answer settles nothing. */
function resultsOf(answer: Answer, batch: readonly OutboxRow[]): Map<Uuid, Outcome> | null {
  if (answer.kind !== "ok" || !isBatchAnswer(answer.body)) return null;
  const asked = new Set(batch.map((row) => row.id));
  return new Map(answer.body.results.filter((result) => asked.has(result.id)).map((result) => [result.id, result]));
}

function isBatchAnswer(body: unknown): body is BatchAnswer {
  return isRecord(body) && Array.isArray(body["results"]) && body["results"].every((each) => isRecord(each) && typeof each["id"] === "string" && ["accepted", "review", "refused"].includes(String(each["outcome"])) && isRecord(each["data"] ?? {}));
}

/** Not the clock, the key or too many requests: something in what was sent. */
function isAboutContent(answer: Answer): answer is Extract<Answer, { kind: "refused" }> {
  return answer.kind === "refused" && ![401, 403, 404, 408, 429].includes(answer.status);
}
