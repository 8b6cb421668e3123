import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { webcrypto } from "node:crypto";
import { cacheNameOf, filesNamedIn, filesOfShell } from "./shell.ts";

const HTML = '<link rel="stylesheet" href="/static/till-ABCDEFGH.css"><link href="/static/mark-11111111.svg"><a href="/ventas/">x</a><script src="/static/main-22222222.js"></script><script src="/static/main-22222222.js"></script>';

test("the shell names its files once, and only hashed files of our own", () => {
  assert.deepEqual(filesOfShell(HTML), ["/static/till-ABCDEFGH.css", "/static/mark-11111111.svg", "/static/main-22222222.js"]);
});

test("styles name fonts, scripts name their later parts", () => {
  assert.deepEqual(filesNamedIn('@font-face{src:url(/static/f-1.woff2)} a{background:url("/static/b.svg")} i{background:url(https://elsewhere/x.png)}'), ["/static/f-1.woff2", "/static/b.svg"]);
  assert.deepEqual(filesNamedIn('import"./chunk-ABCD1234.js";import("./zxing-QWER5678.js");const a="./no.js"'), ["/static/chunk-ABCD1234.js", "/static/zxing-QWER5678.js"]);
});

test("another build has another cache", async () => {
  const subtle = webcrypto.subtle as SubtleCrypto;
  assert.equal(await cacheNameOf(HTML, subtle), await cacheNameOf(HTML, subtle));
  assert.notEqual(await cacheNameOf(HTML, subtle), await cacheNameOf(HTML.replace("2222", "3333"), subtle));
});

test("the shell holds nothing inline and nothing of a person", () => {
  const shell = readFileSync("crates/app/src/features/till/shell.html", "utf8");
  assert.doesNotMatch(shell, /<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)/);
  assert.deepEqual([...shell.matchAll(/\{\{([^}]+)\}\}/g)].map((match) => match[1]).sort(), ["app.css", "figtree.woff2", "icon-apple-180.png", "mark.svg", "till.css", "till.js", "till.webmanifest"]);
});
