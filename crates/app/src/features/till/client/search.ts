/**
 * Finds products by any part of name, SKU or category, without accents, among
 * 100,000 of them between two keystrokes.
 *
 * The index is one long text, a line a product, and the browser's own search
 * through it: no trees, few objects, quick to build and small in memory.
 *
 * Owns: folding and ranking. Must not know: where products come from, the screen.
 */

import type { Product, Uuid } from "./model.ts";

/** Words found this often are common; which of them is the rarer no longer matters. */
const COUNTED_MAX = 3_000;
/** Products passed by for one keystroke: two common words that never meet end here. */
const WALKED_MAX = 60_000;
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

export class SearchIndex {
  readonly #ids: Uuid[];
  readonly #starts: Uint32Array;
  readonly #haystack: string;

  constructor(entries: readonly Searchable[]) {
    this.#ids = entries.map((entry) => entry.id);
    this.#starts = new Uint32Array(entries.length + 1);
    const lines: string[] = [];
    let at = 0;
    entries.forEach((entry, index) => {
      this.#starts[index] = at;
      lines.push(entry.text);
      at += entry.text.length + 1;
    });
    this.#starts[entries.length] = at;
    this.#haystack = LINE + lines.join(LINE) + LINE;
  }

  get size(): number {
    return this.#ids.length;
  }

  /**
   * The best `limit` products that contain every word: first those whose name
   * begins with the first word, then those where it begins a word, then the
   * rest; within each by the catalogue's order.
   */
  find(query: string, limit: number): Uuid[] {
    const words = fold(query).split(" ").filter((word) => word !== "");
    const first = words[0];
    if (first === undefined) return [];
    const rarest = this.#rarest(words);
    const found = new Set<number>();
    for (const needle of [LINE + first, ` ${first}`, first]) {
      this.#collect(needle, rarest === first ? needle : rarest, words, found, limit);
      if (found.size >= limit) break;
    }
    const answer: Uuid[] = [];
    for (const index of found) {
      const id = this.#ids[index];
      if (id !== undefined && answer.length < limit) answer.push(id);
    }
    return answer;
  }

  /** The word to walk along: a common one would pass by thousands of products in vain. */
  #rarest(words: readonly string[]): string {
    let rarest = words[0] ?? "";
    if (words.length === 1) return rarest;
    let fewest = COUNTED_MAX + 1;
    for (const word of words) {
      const count = this.#count(word);
      if (count < fewest) [rarest, fewest] = [word, count];
    }
    return rarest;
  }

  #count(word: string): number {
    let count = 0;
    let at = this.#haystack.indexOf(word);
    while (at >= 0 && count < COUNTED_MAX) {
      count += 1;
      at = this.#haystack.indexOf(word, at + word.length);
    }
    return count;
  }

  #collect(needle: string, walk: string, words: readonly string[], found: Set<number>, limit: number): void {
    let at = this.#haystack.indexOf(walk);
    let index = 0;
    for (let looked = 0; at >= 0 && found.size < limit && looked < WALKED_MAX; looked += 1) {
      index = this.#lineAt(at + (walk.startsWith(LINE) ? 1 : 0), index);
      const line = this.#line(index);
      const fits = walk === needle || (LINE + line).includes(needle);
      if (fits && words.every((word) => line.includes(word))) found.add(index);
      at = this.#haystack.indexOf(walk, this.#starts[index + 1] ?? this.#haystack.length);
    }
  }

  /** The entry whose line covers a position of the haystack (which begins with one LINE). */
  #lineAt(position: number, notBefore: number): number {
    let low = notBefore;
    let high = this.#ids.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.#starts[middle] ?? 0) + 1 <= position) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  #line(index: number): string {
    return this.#haystack.slice((this.#starts[index] ?? 0) + 1, this.#starts[index + 1] ?? 0);
  }
}
