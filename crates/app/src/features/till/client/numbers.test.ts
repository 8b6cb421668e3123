import assert from "node:assert/strict";
import { test } from "node:test";
import { ids, NOW } from "./builders.ts";
import { askLease, free, needsLease, NO_NUMBERS, receiveLease, remaining, RENEW_BELOW, take, type Numbers, type Taken } from "./numbers.ts";

const DAY = 86_400_000_000;
const LEASE = { prefix: "C1-", from: 201, to: 205, expires_at: NOW + 30 * DAY };

function leased(lease = LEASE, before: Numbers = NO_NUMBERS): Numbers {
  const asking = askLease(before, ids());
  return receiveLease(asking, asking.asking.id, lease, NOW);
}

function takeAll(numbers: Numbers, count: number): { numbers: Numbers; taken: Taken[] } {
  const taken: Taken[] = [];
  let now = numbers;
  for (let at = 0; at < count; at += 1) {
    const next = take(now, NOW);
    assert.ok(next !== null, "a number is left");
    taken.push(next.taken);
    now = next.numbers;
  }
  return { numbers: now, taken };
}

test("numbers come in order, each once, and end with the block", () => {
  const { numbers, taken } = takeAll(leased(), 5);
  assert.deepEqual(taken.map((each) => each.number), [201, 202, 203, 204, 205]);
  assert.equal(take(numbers, NOW), null);
  assert.equal(remaining(numbers, NOW), 0);
});

test("the number of a refused sale is the next one given", () => {
  const { numbers } = takeAll(leased(), 3);
  const freed = free(numbers, { prefix: "C1-", number: 202 });
  assert.deepEqual(takeAll(freed, 2).taken.map((each) => each.number), [202, 204]);
  assert.equal(remaining(freed, NOW), 3);
});

test("freeing twice, or what was never given, makes no number out of nothing", () => {
  const { numbers } = takeAll(leased(), 1);
  const once = free(numbers, { prefix: "C1-", number: 201 });
  assert.deepEqual(free(once, { prefix: "C1-", number: 201 }), once);
  for (const number of [200, 202, 999]) assert.equal(free(numbers, { prefix: "C1-", number }), numbers);
  assert.equal(free(numbers, { prefix: "C2-", number: 201 }), numbers);
});

test("a block that has run out of time gives nothing, not even what was freed", () => {
  const late = LEASE.expires_at;
  assert.equal(take(leased(), late), null);
  assert.equal(take(free(takeAll(leased(), 1).numbers, { prefix: "C1-", number: 201 }), late), null);
});

test("more is asked for while some are left, and a day before they run out of time", () => {
  const wide = leased({ ...LEASE, to: 200 + RENEW_BELOW });
  assert.equal(needsLease(wide, NOW), false);
  assert.equal(needsLease(takeAll(wide, 1).numbers, NOW), true);
  assert.equal(needsLease(wide, LEASE.expires_at - DAY), true);
  assert.equal(needsLease(NO_NUMBERS, NOW), true);
});

test("an unanswered request is sent again under the same id", () => {
  const makeId = ids();
  const first = askLease(leased(), makeId);
  assert.deepEqual(first.asking, { id: "id-001", above: 205 });
  assert.deepEqual(askLease(first, makeId).asking, first.asking);
  assert.equal(needsLease(first, NOW), true);
});

test("an answer is taken once, and only the one that was asked for", () => {
  const asking = askLease(leased(), ids());
  const next = { ...LEASE, from: 206, to: 405 };
  assert.equal(receiveLease(asking, "another", next, NOW), asking);
  const received = receiveLease(asking, asking.asking.id, next, NOW);
  assert.equal(remaining(received, NOW), 205);
  assert.equal(receiveLease(received, asking.asking.id, next, NOW), received);
  assert.equal(take(received, NOW)?.taken.number, 201);
});
