import assert from "node:assert/strict";
import { test } from "node:test";
import { product } from "./builders.ts";
import { fold, SearchIndex, searchableOf } from "./search.ts";

const NAMES = ["Arroz Diana 500 g", "Arroz Roa 1 kg", "Azúcar Manuelita", "Café Águila Roja", "Harina de arroz", "Leche Alquería 1 L", "Piña en almíbar", "Ñame", "Limón Tahití"];

function index(): SearchIndex {
  return new SearchIndex(NAMES.map((name) => searchableOf(product({ id: name, name, sku: `SKU-${name.length}` }), "Granos y más")));
}

test("accents, capitals and the tilde of ñ do not matter", () => {
  assert.equal(fold("  Café  ÁGUILA\u00a0Ñandú "), "cafe aguila nandu");
  const found = (query: string): string[] => index().find(query, 10);
  assert.deepEqual(found("azucar"), ["Azúcar Manuelita"]);
  assert.deepEqual(found("AGUILA"), ["Café Águila Roja"]);
  assert.deepEqual(found("pina"), ["Piña en almíbar"]);
  assert.deepEqual(found("ñame"), ["Ñame"]);
});

test("names that begin with the word come first, then words, then parts", () => {
  assert.deepEqual(index().find("arroz", 10), ["Arroz Diana 500 g", "Arroz Roa 1 kg", "Harina de arroz"]);
  assert.deepEqual(index().find("ro", 10), ["Arroz Roa 1 kg", "Café Águila Roja", "Arroz Diana 500 g", "Harina de arroz"]);
});

test("every word must be there, in any order, in name, SKU or category", () => {
  assert.deepEqual(index().find("diana arroz", 10), ["Arroz Diana 500 g"]);
  assert.deepEqual(index().find("1 leche", 10), ["Leche Alquería 1 L"]);
  assert.equal(index().find("granos", 20).length, NAMES.length);
  assert.deepEqual(index().find("sku-4", 10), ["Ñame"]);
  assert.deepEqual(index().find("arroz leche", 10), []);
  assert.deepEqual(index().find("arroz diana zanahoria", 10), []);
  assert.deepEqual(index().find("arroz kg mas", 10), ["Arroz Roa 1 kg"]);
  assert.deepEqual(index().find("arroz diana kg", 10), []);
});

test("nothing typed, nothing found; and never more than was asked for", () => {
  assert.deepEqual(index().find("", 10), []);
  assert.deepEqual(index().find("  ", 10), []);
  assert.deepEqual(index().find("zzz", 10), []);
  assert.equal(index().find("a", 2).length, 2);
  assert.deepEqual(new SearchIndex([]).find("a", 10), []);
});

test("the first and the last product are found like the others", () => {
  assert.deepEqual(index().find("arroz diana", 10), ["Arroz Diana 500 g"]);
  assert.deepEqual(index().find("limon tahiti", 10), ["Limón Tahití"]);
});

test("a word that most products have does not hide the one that has both", () => {
  const many = Array.from({ length: 30_000 }, (_, at) => ({ id: String(at), text: fold(`producto comun ${at}`) }));
  const last = new SearchIndex([...many, { id: "wanted", text: "producto comun zafiro" }]);
  assert.deepEqual(last.find("comun zafiro", 10), ["wanted"]);
  assert.deepEqual(last.find("zafiro producto", 10), ["wanted"]);
  assert.deepEqual(last.find("producto zaf", 10), ["wanted"]);
});
