import assert from "node:assert/strict";
import { test } from "node:test";
import { NOW } from "./builders.ts";
import { closedSession, confirmedClosing, countedTotal, countsOf, expectedCash, openedSession, withEntry, withoutSale, withSale } from "./session.ts";

const open = openedSession("session", NOW, 5_000_000, "Yuliana");

test("the drawer should hold the opening, the cash of sales and what was put in, less what was taken", () => {
  const day = withEntry(withEntry(withSale(withSale(open, 870_000), 0), "in", 100_000), "out", 300_000);
  assert.equal(expectedCash(day), 5_670_000);
  assert.equal(day.sales, 2);
});

test("a refused sale leaves the session as it was", () => {
  assert.deepEqual(withoutSale(withSale(open, 870_000), 870_000), open);
});

test("closing compares the count with what should be there; the server's figures win", () => {
  const closed = closedSession(withSale(open, 870_000), 5_900_000, NOW + 1);
  assert.deepEqual([closed.closed?.expectedMinor, closed.closed?.differenceMinor, closed.closed?.confirmed], [5_870_000, 30_000, false]);
  const confirmed = confirmedClosing(closed, "60000.00", "-1000.00", 2);
  assert.deepEqual([confirmed.closed?.expectedMinor, confirmed.closed?.differenceMinor, confirmed.closed?.confirmed], [6_000_000, -100_000, true]);
  assert.equal(confirmedClosing(open, "1.00", "0.00", 2), open);
});

test("a count is its pieces; what was not counted is not sent", () => {
  const pieces = [{ valueMinor: 5_000_000, pieces: 3 }, { valueMinor: 200_000, pieces: 0 }, { valueMinor: 5_000, pieces: 7 }];
  assert.equal(countedTotal(pieces), 15_035_000);
  assert.deepEqual(countsOf(pieces, 2), [{ value: "50000.00", pieces: 3 }, { value: "50.00", pieces: 7 }]);
});
