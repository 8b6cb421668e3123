/**
 * The numbers that this device may give to its sales, leased in blocks.
 *
 * Owns: which number is next, when to ask for more, what is free again. Pure:
 * the caller keeps the state in one IndexedDB transaction with the sale.
 * Must not know: the network, the screen.
 *
 * **Invariant:** a number is given at most once until it is freed, and only
 * out of a block that was leased and has not run out of time.
 */

import type { Lease, Micros, Uuid } from "./model.ts";

/** Below this many the next block is asked for while the shop is still online. */
export const RENEW_BELOW = 60;
const DAY_MICROS = 86_400_000_000;

export interface Block extends Lease {
  next: number;
}

export interface Numbers {
  blocks: Block[];
  /** Numbers of refused sales, used again before new ones. */
  freed: { prefix: string; number: number }[];
  /** A request whose answer is not known; asking again under its id is safe. */
  asking: { id: Uuid; above: number } | null;
}

export const NO_NUMBERS: Numbers = { blocks: [], freed: [], asking: null };

export interface Taken {
  prefix: string;
  number: number;
}

function isUsable(block: Block, now: Micros): boolean {
  return block.next <= block.to && block.expires_at > now;
}

/** The next number, or null where every block is used up or too old. */
export function take(numbers: Numbers, now: Micros): { numbers: Numbers; taken: Taken } | null {
  const freed = [...numbers.freed].sort((a, b) => a.number - b.number).find((each) => numbers.blocks.some((block) => block.prefix === each.prefix && block.from <= each.number && each.number <= block.to && block.expires_at > now));
  if (freed !== undefined) {
    const rest = numbers.freed.filter((each) => each !== freed);
    return { numbers: { ...numbers, freed: rest }, taken: freed };
  }
  const block = numbers.blocks.find((each) => isUsable(each, now));
  if (block === undefined) return null;
  const blocks = numbers.blocks.map((each) => (each === block ? { ...block, next: block.next + 1 } : each));
  return { numbers: { ...numbers, blocks }, taken: { prefix: block.prefix, number: block.next } };
}

/** The server refused the sale: its number is nobody's. Freeing twice changes nothing. */
export function free(numbers: Numbers, taken: Taken): Numbers {
  const isGiven = numbers.blocks.some((block) => block.prefix === taken.prefix && block.from <= taken.number && taken.number < block.next);
  const isFree = numbers.freed.some((each) => each.prefix === taken.prefix && each.number === taken.number);
  return isGiven && !isFree ? { ...numbers, freed: [...numbers.freed, taken] } : numbers;
}

export function remaining(numbers: Numbers, now: Micros): number {
  const fresh = numbers.blocks.filter((block) => isUsable(block, now)).reduce((sum, block) => sum + block.to - block.next + 1, 0);
  return fresh + numbers.freed.length;
}

/** Early: while few are left, or the newest block ends within a day. */
export function needsLease(numbers: Numbers, now: Micros): boolean {
  const lasting = numbers.blocks.filter((block) => isUsable(block, now) && block.expires_at - now > DAY_MICROS);
  const left = lasting.reduce((sum, block) => sum + block.to - block.next + 1, 0);
  return numbers.asking !== null || left < RENEW_BELOW;
}

/** The request to send; the same one as long as it has no answer. */
export function askLease(numbers: Numbers, newId: () => Uuid): Numbers & { asking: { id: Uuid; above: number } } {
  if (numbers.asking !== null) return { ...numbers, asking: numbers.asking };
  const above = numbers.blocks.reduce((highest, block) => Math.max(highest, block.to), 0);
  return { ...numbers, asking: { id: newId(), above } };
}

/** Takes the leased block in; blocks with nothing left and no time are dropped. */
export function receiveLease(numbers: Numbers, id: Uuid, lease: Lease, now: Micros): Numbers {
  if (numbers.asking?.id !== id) return numbers;
  const isKnown = numbers.blocks.some((block) => block.prefix === lease.prefix && block.from === lease.from);
  const kept = numbers.blocks.filter((block) => block.expires_at > now || numbers.freed.some((each) => each.number >= block.from && each.number <= block.to));
  const blocks = isKnown ? kept : [...kept, { ...lease, next: lease.from }];
  return { ...numbers, blocks, asking: null };
}
