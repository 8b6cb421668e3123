import assert from "node:assert/strict";
import { test } from "node:test";
import { readAnswer } from "./palette.ts";

test("only own addresses of a whole answer are offered", () => {
  const good = { group: "Productos", label: "Leche", href: "/productos/1/" };
  const data = [good, { ...good, href: "https://example.com/" }, { ...good, href: "//example.com/" }, { ...good, href: "javascript:alert(1)" }, { label: "x" }, null];
  assert.deepEqual(readAnswer({ success: true, data }), [good]);
});

test("an answer of another shape offers nothing", () => {
  for (const answer of [null, 3, "x", {}, { data: {} }]) assert.deepEqual(readAnswer(answer), []);
});
