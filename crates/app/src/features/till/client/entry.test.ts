import assert from "node:assert/strict";
import { test } from "node:test";
import { shop } from "./builders.ts";
import { isSearch, readEntry, splitTimes, type Entry } from "./entry.ts";

const rules = shop();

test("Enter in the search box means what the habit of tills says", () => {
  const cases: [string, boolean, Entry][] = [
    ["", false, { kind: "nothing" }],
    ["   ", true, { kind: "nothing" }],
    ["3*", false, { kind: "times", timesMilli: 3000 }],
    ["9x", false, { kind: "times", timesMilli: 9000 }],
    ["0,5*", false, { kind: "times", timesMilli: 500 }],
    ["2", true, { kind: "count", count: 2 }],
    ["9999", true, { kind: "count", count: 9999 }],
    ["0", true, { kind: "words", words: "0", timesMilli: 1000 }],
    ["2", false, { kind: "words", words: "2", timesMilli: 1000 }],
    ["12345", true, { kind: "code", code: "12345", timesMilli: 1000 }],
    ["7700000000017", false, { kind: "code", code: "7700000000017", timesMilli: 1000 }],
    ["9*7700000000017", false, { kind: "code", code: "7700000000017", timesMilli: 9000 }],
    ["9x7700000000017", false, { kind: "code", code: "7700000000017", timesMilli: 9000 }],
    ["3*arroz diana", false, { kind: "words", words: "arroz diana", timesMilli: 3000 }],
    ["arroz 500", true, { kind: "words", words: "arroz 500", timesMilli: 1000 }],
  ];
  for (const [text, afterScan, entry] of cases) assert.deepEqual(readEntry(text, afterScan, rules), entry, `"${text}"`);
});

test("an x inside a word is a letter", () => {
  assert.deepEqual(splitTimes("3x arroz", rules), { timesMilli: 1000, rest: "3x arroz" });
  assert.deepEqual(splitTimes("2xl camisa", rules), { timesMilli: 1000, rest: "2xl camisa" });
  assert.deepEqual(splitTimes("0*arroz", rules), { timesMilli: 1000, rest: "0*arroz" });
});

test("a count, a multiplier and the first digit of a scan are not searched for", () => {
  const cases: [text: string, afterScan: boolean, searched: boolean][] = [
    ["", false, false], ["7", false, false], ["77", false, true], ["12", true, false], ["1234", true, false], ["12345", true, true],
    ["3*", false, false], ["3*a", false, true], ["a", false, true], ["a", true, true], ["7 up", true, true], ["ñ", false, true],
  ];
  for (const [text, afterScan, searched] of cases) assert.equal(isSearch(text, afterScan, rules), searched, `«${text}» ${afterScan ? "after a scan" : ""}`);
});
