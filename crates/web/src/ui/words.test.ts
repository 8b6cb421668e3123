import assert from "node:assert/strict";
import { test } from "node:test";
import { fold, matches } from "./words.ts";

test("words are compared without case and accents", () => {
  assert.equal(fold(" Lácteos Ñame "), "lacteos name");
});

test("each word asked for must begin a word of the text", () => {
  const table: [string, string, boolean][] = [
    ["", "Leche", true],
    ["lec alq", "Leche Alquería 1 L", true],
    ["ALQUERIA leche", "Leche Alquería 1 L", true],
    ["eche", "Leche", false],
    ["leche pan", "Leche Alquería 1 L", false],
  ];
  for (const [asked, text, expected] of table) assert.equal(matches(asked, text), expected, `${asked} in ${text}`);
});
