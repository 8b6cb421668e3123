/**
 * The search over a catalogue that changes while it is used.
 *
 * An index never changes. What came or went since it was built stands beside
 * it and is looked through one by one; when that has grown, a new index is
 * built in small steps, and nobody at the till notices.
 *
 * Owns: the join of both. Must not know: products, the screen.
 *
 * **Invariant:** an id is found with its latest text only: whoever was touched
 * since the index was built is left out of the index's answers.
 */

import type { Uuid } from "./model.ts";
import { compareHits, rankOf, readQuery, SearchIndex, type Hit, type Searchable } from "./search.ts";

/** Looked through one by one between two keystrokes without anybody noticing. */
const BESIDE_MAX = 400;

export class LiveSearch {
  #index = SearchIndex.of([]);
  readonly #beside = new Map<Uuid, Searchable>();
  /** Everybody whom the index has in an old form, or no longer should have. */
  #touched = new Set<Uuid>();
  /** While a new index is built: who was touched since it looked. */
  #since: Set<Uuid> | null = null;

  put(entry: Searchable): void {
    this.#beside.set(entry.id, entry);
    this.#touch(entry.id);
  }

  drop(id: Uuid): void {
    this.#beside.delete(id);
    this.#touch(id);
  }

  #touch(id: Uuid): void {
    this.#touched.add(id);
    this.#since?.add(id);
  }

  get wantsRebuilding(): boolean {
    return this.#since === null && this.#touched.size > BESIDE_MAX;
  }

  find(typed: string, limit: number): Uuid[] {
    const query = readQuery(typed);
    if (query === null) return [];
    const hits: Hit[] = this.#index.find(query, limit, (id) => this.#touched.has(id));
    for (const { id, text } of this.#beside.values()) {
      const rank = rankOf(text, query);
      if (rank !== null) hits.push({ id, text, rank });
    }
    if (this.#beside.size > 0) hits.sort(compareHits);
    return hits.slice(0, limit).map((hit) => hit.id);
  }

  /** Everybody in the order of their texts. */
  *inOrder(): Generator<Uuid> {
    const beside = [...this.#beside.values()].sort((a, b) => (a.text < b.text ? -1 : a.text > b.text ? 1 : 0));
    let next = 0;
    for (let line = 0; line < this.#index.size; line += 1) {
      const entry = this.#index.entry(line);
      for (let other = beside[next]; other !== undefined && other.text < entry.text; other = beside[next]) {
        yield other.id;
        next += 1;
      }
      if (!this.#touched.has(entry.id)) yield entry.id;
    }
    for (const { id } of beside.slice(next)) yield id;
  }

  /** Takes what stands beside into a new index, step by step; one at a time. */
  *rebuilding(): Generator<void, void> {
    if (this.#since !== null) return;
    const entries: Searchable[] = [];
    for (let line = 0; line < this.#index.size; line += 1) {
      const entry = this.#index.entry(line);
      if (!this.#touched.has(entry.id)) entries.push(entry);
    }
    entries.push(...this.#beside.values());
    const since = new Set<Uuid>();
    this.#since = since;
    try {
      this.#index = yield* SearchIndex.building(entries);
      for (const id of this.#beside.keys()) if (!since.has(id)) this.#beside.delete(id);
      this.#touched = since;
    } finally {
      this.#since = null;
    }
  }
}
