import assert from "node:assert/strict";
import { test } from "node:test";
import { fitted, middle } from "./photo.island.ts";

test("a large photo keeps its proportions, and a small one its size", () => {
  assert.deepEqual(fitted({ width: 4000, height: 3000 }, 1600), { width: 1600, height: 1200 });
  assert.deepEqual(fitted({ width: 3000, height: 4000 }, 1600), { width: 1200, height: 1600 });
  assert.deepEqual(fitted({ width: 1600, height: 900 }, 1600), { width: 1600, height: 900 });
  assert.deepEqual(fitted({ width: 90_000, height: 2 }, 1600), { width: 1600, height: 1 });
});

test("a preview is the square in the middle", () => {
  assert.deepEqual(middle({ width: 400, height: 300 }), { x: 50, y: 0, width: 300, height: 300 });
  assert.deepEqual(middle({ width: 301, height: 400 }), { x: 0, y: 49, width: 301, height: 301 });
});
