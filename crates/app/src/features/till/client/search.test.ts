import assert from "node:assert/strict";
import { test } from "node:test";
import { product } from "./builders.ts";
import { finish, fold, readQuery, SearchIndex, searchableOf } from "./search.ts";

const NAMES = ["Arroz Diana 500 g", "Arroz Roa 1 kg", "Azúcar Manuelita", "Café Águila Roja", "Harina de arroz", "Leche Alquería 1 L", "Piña en almíbar", "Ñame", "Limón Tahití"];

interface Finding {
  find(typed: string, limit: number): string[];
}

function finding(index: SearchIndex): Finding {
  return {
    find(typed, limit) {
      const query = readQuery(typed);
      return query === null ? [] : index.find(query, limit).map((hit) => hit.id);
    },
  };
}

function index(): Finding {
  return finding(SearchIndex.of(NAMES.map((name) => searchableOf(product({ id: name, name, sku: `SKU-${name.length}` }), "Granos y más"))));
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
  assert.deepEqual(finding(SearchIndex.of([])).find("a", 10), []);
});

test("the first and the last product are found like the others", () => {
  assert.deepEqual(index().find("arroz diana", 10), ["Arroz Diana 500 g"]);
  assert.deepEqual(index().find("limon tahiti", 10), ["Limón Tahití"]);
});

test("a word that most products have does not hide the one that has both", () => {
  const many = Array.from({ length: 30_000 }, (_, at) => ({ id: String(at), text: fold(`producto comun ${at}`) }));
  const last = finding(SearchIndex.of([...many, { id: "wanted", text: "producto comun zafiro" }]));
  assert.deepEqual(last.find("comun zafiro", 10), ["wanted"]);
  assert.deepEqual(last.find("zafiro producto", 10), ["wanted"]);
  assert.deepEqual(last.find("producto zaf", 10), ["wanted"]);
});

test("what the index finds is what looking at every line finds, in the same order", () => {
  const syllables = ["ar", "roz", "le", "che", "pan", "az", "u", "car", "7", "500", "ñ", "-", "é"];
  let seed = 7;
  const next = (below: number): number => {
    seed = (seed * 48_271) % 2_147_483_647;
    return seed % below;
  };
  const word = (): string => Array.from({ length: 1 + next(3) }, () => syllables[next(syllables.length)]).join("");
  const entries = Array.from({ length: 500 }, (_, at) => ({ id: String(at), text: fold([word(), word(), word()].join(" ")) }));
  const indexed = finding(SearchIndex.of(entries));
  for (let round = 0; round < 400; round += 1) {
    const typed = [word(), ...(next(2) === 0 ? [word()] : [])].join(" ").slice(0, 1 + next(8));
    const query = readQuery(typed);
    if (query === null) continue;
    const rank = (text: string): number => (text.startsWith(query.first) ? 0 : text.includes(` ${query.first}`) ? 1 : 2);
    const fitting = entries.filter(({ text }) => query.words.every((each) => text.includes(each)));
    const key = ({ text }: { text: string }): string => `${rank(text)}${text}`;
    const wanted = fitting.sort((a, b) => (key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : 0)).map(({ text }) => text).slice(0, 12);
    const found = indexed.find(typed, 12).map((id) => entries[Number(id)]?.text);
    assert.deepEqual(found, wanted, `«${typed}»`);
  }
});

test("building pauses often, so that a till with many products still answers", () => {
  const entries = Array.from({ length: 20_000 }, (_, at) => ({ id: String(at), text: `producto ${(at * 7919) % 20_000}` }));
  const building = SearchIndex.building(entries);
  let pauses = 0;
  for (let step = building.next(); step.done !== true; step = building.next()) pauses += 1;
  assert.ok(pauses > 30, `${pauses} pauses`);
  assert.equal(finish(SearchIndex.building(entries)).size, 20_000);
});
