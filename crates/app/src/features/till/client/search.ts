/**
 * Finds products by any part of name, SKU or category, without accents, among
 * 100,000 of them between two keystrokes.
 *
 * The products lie sorted in one long text. Groups of three letters point to
 * the products that have them, so that a query looks only at lines that may
 * fit; names that begin with the first word are a stretch of the sorted text
 * and need no looking at all. Few objects, two typed arrays, no trees.
 *
 * Owns: folding, the index and its ranking. Must not know: where products
 * come from, what changed since the index was built (`live_search.ts` does).
 */

import type { Product, Uuid } from "./model.ts";

/** Lines looked at for one rank: two common words that never meet end here. */
const WALKED_MAX = 8_000;
/** Sorted or indexed in one go; then the page may breathe. */
const SLICE = 2_000;
const LINE = "\n";

/** Small letters without accents, one kind of blank. `ñ` is found by `n`. */
export function fold(text: string): string {
  return text
    .normalize("NFD")
    .replace(/[\u0300-\u036f]/g, "")
    .toLowerCase()
    .replace(/[\s\u00a0]+/g, " ")
    .trim();
}

export interface Searchable {
  id: Uuid;
  text: string;
}

export function searchableOf(product: Product, categoryName: string | null): Searchable {
  return { id: product.id, text: fold([product.name, product.sku ?? "", categoryName ?? ""].join(" ")) };
}

/** A query's words and the best of the ranks that a text has under it. */
export interface Query {
  words: readonly string[];
  first: string;
}

export function readQuery(typed: string): Query | null {
  const words = fold(typed).split(" ").filter((word) => word !== "");
  const first = words[0];
  return first === undefined ? null : { words, first };
}

/** 0: the name begins with the first word; 1: a word does; 2: it stands somewhere. Null: a word is missing. */
export function rankOf(text: string, query: Query): 0 | 1 | 2 | null {
  for (const word of query.words) if (!text.includes(word)) return null;
  if (text.startsWith(query.first)) return 0;
  return text.includes(` ${query.first}`) ? 1 : 2;
}

export interface Hit {
  id: Uuid;
  text: string;
  rank: number;
}

/** By rank, then in the catalogue's order. */
export function compareHits(a: Hit, b: Hit): number {
  return a.rank - b.rank || compareTexts(a, b);
}

function compareTexts(a: { text: string }, b: { text: string }): number {
  return a.text < b.text ? -1 : a.text > b.text ? 1 : 0;
}

// ── Groups of three letters ────────────────────────────────────────────────

const CLASS_BITS = 6;
const GROUPS = 1 << (3 * CLASS_BITS);

/** Letters, digits and the blank have their own class; all else shares what is left. */
function classOf(unit: number): number {
  if (unit >= 97 && unit <= 122) return unit - 96;
  if (unit >= 48 && unit <= 57) return unit - 21;
  if (unit === 32) return 37;
  return 38 + (unit % 26);
}

function groupAt(text: string, at: number): number {
  return (((classOf(text.charCodeAt(at)) << CLASS_BITS) | classOf(text.charCodeAt(at + 1))) << CLASS_BITS) | classOf(text.charCodeAt(at + 2));
}

/** Each group of a line once, by `see`; `last` remembers which line had a group last. */
function eachGroup(text: string, line: number, last: Uint32Array, see: (group: number) => void): void {
  // A blank in front: the first word begins like every other.
  const padded = ` ${text}`;
  for (let at = 0; at + 3 <= padded.length; at += 1) {
    const group = groupAt(padded, at);
    if (last[group] === line + 1) continue;
    last[group] = line + 1;
    see(group);
  }
}

// ── The index ──────────────────────────────────────────────────────────────

/** Runs work that pauses by itself, without a pause. */
export function finish<T>(work: Generator<void, T>): T {
  for (;;) {
    const step = work.next();
    if (step.done === true) return step.value;
  }
}

/** Runs work that pauses by itself, and lets the page breathe at each pause. */
export async function finishGently<T>(work: Generator<void, T>, breathe: () => Promise<void>): Promise<T> {
  for (;;) {
    const step = work.next();
    if (step.done === true) return step.value;
    await breathe();
  }
}

function* sorted(entries: readonly Searchable[]): Generator<void, Searchable[]> {
  let runs: Searchable[][] = [];
  for (let at = 0; at < entries.length; at += SLICE) {
    runs.push(entries.slice(at, at + SLICE).sort(compareTexts));
    yield;
  }
  while (runs.length > 1) {
    const merged: Searchable[][] = [];
    for (let at = 0; at < runs.length; at += 2) merged.push(yield* mergedRuns(runs[at] ?? [], runs[at + 1] ?? []));
    runs = merged;
  }
  return runs[0] ?? [];
}

function* mergedRuns(left: readonly Searchable[], right: readonly Searchable[]): Generator<void, Searchable[]> {
  const merged: Searchable[] = [];
  let [l, r] = [0, 0];
  while (l < left.length || r < right.length) {
    const [a, b] = [left[l], right[r]];
    const takesLeft = b === undefined || (a !== undefined && a.text <= b.text);
    const next = takesLeft ? a : b;
    if (next !== undefined) merged.push(next);
    if (takesLeft) l += 1;
    else r += 1;
    if (merged.length % (4 * SLICE) === 0) yield;
  }
  return merged;
}

export class SearchIndex {
  readonly #ids: readonly Uuid[];
  readonly #starts: Uint32Array;
  readonly #haystack: string;
  /** Where the lines of a group begin in `#lines`. */
  readonly #offsets: Uint32Array;
  readonly #lines: Uint32Array;
  /** Where lists meet: made once, because memory made anew at each keystroke must be swept again. */
  readonly #fittingRoom: Uint32Array;
  readonly #narrowRoom: Uint32Array;

  private constructor(ids: readonly Uuid[], starts: Uint32Array, haystack: string, offsets: Uint32Array, lines: Uint32Array) {
    this.#ids = ids;
    this.#starts = starts;
    this.#haystack = haystack;
    this.#offsets = offsets;
    this.#lines = lines;
    this.#fittingRoom = new Uint32Array(ids.length);
    this.#narrowRoom = new Uint32Array(ids.length);
  }

  static of(entries: readonly Searchable[]): SearchIndex {
    return finish(SearchIndex.building(entries));
  }

  /** Builds the index in steps of a few milliseconds. */
  static *building(unsorted: readonly Searchable[]): Generator<void, SearchIndex> {
    const entries = yield* sorted(unsorted);
    const starts = new Uint32Array(entries.length + 1);
    const offsets = new Uint32Array(GROUPS + 1);
    const last = new Uint32Array(GROUPS);
    let at = 1;
    for (const [line, entry] of entries.entries()) {
      starts[line] = at;
      at += entry.text.length + 1;
      eachGroup(entry.text, line, last, (group) => (offsets[group + 1] = (offsets[group + 1] ?? 0) + 1));
      if (line % SLICE === SLICE - 1) yield;
    }
    starts[entries.length] = at;
    for (let group = 0; group < GROUPS; group += 1) offsets[group + 1] = (offsets[group + 1] ?? 0) + (offsets[group] ?? 0);
    const lines = new Uint32Array(offsets[GROUPS] ?? 0);
    const next = offsets.slice();
    last.fill(0);
    for (const [line, entry] of entries.entries()) {
      eachGroup(entry.text, line, last, (group) => {
        const place = next[group] ?? 0;
        lines[place] = line;
        next[group] = place + 1;
      });
      if (line % SLICE === SLICE - 1) yield;
    }
    const haystack = LINE + entries.map((entry) => entry.text + LINE).join("");
    return new SearchIndex(entries.map((entry) => entry.id), starts, haystack, offsets, lines);
  }

  get size(): number {
    return this.#ids.length;
  }

  entry(line: number): Searchable {
    return { id: this.#ids[line] ?? "", text: this.#text(line) };
  }

  /**
   * The best `limit` products that have every word, by rank and within a rank
   * in the catalogue's order; none of those that `isGone` names.
   */
  find(query: Query, limit: number, isGone: (id: Uuid) => boolean = () => false): Hit[] {
    const hits: Hit[] = [];
    const seen = new Set<number>();
    const look = (line: number, rankMax: number): boolean => {
      const text = this.#text(line);
      const rank = seen.has(line) ? null : rankOf(text, query);
      const id = this.#ids[line];
      if (rank !== null && rank <= rankMax && id !== undefined && !isGone(id)) {
        seen.add(line);
        hits.push({ id, text, rank });
      }
      return hits.length < limit;
    };
    const fitting = this.#fitting(query.words);
    this.#walkBeginnings(query.first, fitting, (line) => look(line, 0));
    if (hits.length < limit) this.#walk(` ${query.first}`, fitting, (line) => look(line, 1));
    if (hits.length < limit) this.#walk(query.first, fitting, (line) => look(line, 2));
    return hits;
  }

  /** The lines whose text begins with `word`: one stretch, because they are sorted. */
  #walkBeginnings(word: string, fitting: Uint32Array | null, look: (line: number) => boolean): void {
    const from = this.#firstFrom(word);
    const to = this.#firstFrom(`${word}\uffff`);
    let walked = 0;
    if (fitting === null) {
      for (let line = from; line < to && walked < WALKED_MAX && look(line); line += 1) walked += 1;
      return;
    }
    for (let at = firstAtLeast(fitting, from); at < fitting.length && walked < WALKED_MAX; at += 1, walked += 1) {
      const line = fitting[at] ?? to;
      if (line >= to || !look(line)) return;
    }
  }

  /** Lines that may have `needle` and all words; where nothing narrows them down, a search through the text. */
  #walk(needle: string, fitting: Uint32Array | null, look: (line: number) => boolean): void {
    const lines = this.#narrowed(needle, fitting, this.#narrowRoom);
    if (lines !== null) {
      for (let at = 0; at < lines.length && at < WALKED_MAX; at += 1) if (!look(lines[at] ?? 0)) return;
      return;
    }
    let line = 0;
    let at = this.#haystack.indexOf(needle);
    for (let walked = 0; at >= 0 && walked < WALKED_MAX; walked += 1) {
      line = this.#lineAt(at, line);
      if (!look(line)) return;
      at = this.#haystack.indexOf(needle, this.#starts[line + 1] ?? this.#haystack.length);
    }
  }

  /** The lines that have the groups of all words; null where no word is long enough to have one. */
  #fitting(words: readonly string[]): Uint32Array | null {
    let fitting: Uint32Array | null = null;
    for (const word of words) fitting = this.#narrowed(word, fitting, this.#fittingRoom);
    return fitting;
  }

  /** `lines` without those that lack a group of `needle`, the rarest group first; in `room`. */
  #narrowed(needle: string, lines: Uint32Array | null, room: Uint32Array): Uint32Array | null {
    const lists: Uint32Array[] = [];
    for (let at = 0; at + 3 <= needle.length; at += 1) {
      const group = groupAt(needle, at);
      lists.push(this.#lines.subarray(this.#offsets[group] ?? 0, this.#offsets[group + 1] ?? 0));
    }
    lists.sort((a, b) => a.length - b.length);
    let left = lines;
    for (const list of lists) {
      // A group that most have tells little; the text itself is looked at in the end.
      if (left !== null && list.length * 2 > this.size) break;
      left = left === null ? list : inBoth(left, list, room);
    }
    return left;
  }

  #firstFrom(text: string): number {
    let [low, high] = [0, this.size];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#text(middle) < text) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** The line whose text, or the break before it, covers a position. */
  #lineAt(position: number, notBefore: number): number {
    let [low, high] = [notBefore, this.size - 1];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.#starts[middle] ?? 0) <= position) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  #text(line: number): string {
    return this.#haystack.slice(this.#starts[line] ?? 0, (this.#starts[line + 1] ?? 1) - 1);
  }
}

function firstAtLeast(list: Uint32Array, value: number): number {
  let [low, high] = [0, list.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((list[middle] ?? 0) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

/**
 * Both lists ascend; a short one looks up its members, two alike are walked
 * together. One of them may lie in `both`: what is written there was read.
 */
function inBoth(a: Uint32Array, b: Uint32Array, both: Uint32Array): Uint32Array {
  const [few, many] = a.length <= b.length ? [a, b] : [b, a];
  let [count, m] = [0, 0];
  const isShort = few.length * 16 < many.length;
  for (let f = 0; f < few.length && m < many.length; f += 1) {
    const line = few[f] ?? 0;
    if (isShort) m = firstAtLeast(many, line);
    else while (m < many.length && (many[m] ?? 0) < line) m += 1;
    if (many[m] === line) {
      both[count] = line;
      count += 1;
    }
  }
  return both.subarray(0, count);
}
