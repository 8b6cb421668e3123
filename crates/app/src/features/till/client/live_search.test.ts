import assert from "node:assert/strict";
import { test } from "node:test";
import { LiveSearch } from "./live_search.ts";
import { finish } from "./search.ts";

function shelf(texts: readonly string[]): LiveSearch {
  const search = new LiveSearch();
  for (const text of texts) search.put({ id: text, text });
  finish(search.rebuilding());
  return search;
}

test("what came and went since the index was built is found and not found at once", () => {
  const search = shelf(["arroz diana", "arroz roa", "leche"]);
  search.put({ id: "arroz nuevo", text: "arroz nuevo" });
  search.drop("arroz roa");
  search.put({ id: "leche", text: "leche entera" });
  assert.deepEqual(search.find("arroz", 10), ["arroz diana", "arroz nuevo"]);
  assert.deepEqual(search.find("entera", 10), ["leche"]);
  assert.deepEqual([...search.inOrder()], ["arroz diana", "arroz nuevo", "leche"]);
  finish(search.rebuilding());
  assert.deepEqual(search.find("arroz", 10), ["arroz diana", "arroz nuevo"]);
  assert.deepEqual([...search.inOrder()], ["arroz diana", "arroz nuevo", "leche"]);
});

test("results of both places come in one order, and no more than asked for", () => {
  const search = shelf(["arroz b", "pan arroz", "zarroz"]);
  search.put({ id: "arroz a", text: "arroz a" });
  search.put({ id: "gran arroz", text: "gran arroz" });
  assert.deepEqual(search.find("arroz", 10), ["arroz a", "arroz b", "gran arroz", "pan arroz", "zarroz"]);
  assert.deepEqual(search.find("arroz", 3), ["arroz a", "arroz b", "gran arroz"]);
});

test("who is touched while an index is built keeps what was said last", () => {
  const search = shelf(["uno", "dos", "tres"]);
  search.put({ id: "cuatro", text: "cuatro" });
  const building = search.rebuilding();
  building.next();
  assert.equal(search.wantsRebuilding, false);
  search.put({ id: "dos", text: "dos y medio" });
  search.drop("tres");
  search.drop("cuatro");
  search.put({ id: "cinco", text: "cinco" });
  finish(building);
  assert.deepEqual([...search.inOrder()], ["cinco", "dos", "uno"]);
  assert.deepEqual(search.find("medio", 9), ["dos"]);
  assert.deepEqual([...search.find("tres", 9), ...search.find("cuatro", 9)], []);
});

test("only a catalogue that changed much asks for a new index", () => {
  const search = shelf(["uno"]);
  for (let at = 0; at <= 400; at += 1) search.put({ id: String(at), text: `p ${at}` });
  assert.equal(search.wantsRebuilding, true);
  finish(search.rebuilding());
  assert.equal(search.wantsRebuilding, false);
});
