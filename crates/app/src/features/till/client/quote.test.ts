import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { type Cart, type CartLine, quote } from "./quote.ts";
import { answerLine, quoteWire } from "./quote_json.ts";

/** The fixtures keep a cart and its answer in one line; both are compared as they are written. */
const FIXTURE = /^\{"cart":(.*),"expect":(.*)\}$/;

test("every quote fixture is answered to the byte", () => {
  const fixtures = readFileSync("fixtures/quotes.ndjson", "utf8").trimEnd().split("\n");
  assert.equal(fixtures.length, 200);
  for (const fixture of fixtures) {
    const [, cart = "", expected] = FIXTURE.exec(fixture) ?? [];
    assert.equal(answerLine(cart), expected, cart);
  }
});

const LINE = '{"quantity":"1","unit_price":"10.00","taxes":[{"code":"IVA","rate":"19"}]}';

function cartText(changes: Record<string, string | undefined> = {}): string {
  const members = { exponent: "2", prices_include_tax: "true", cash_step: "0", lines: `[${LINE}]`, ...changes };
  const written = Object.entries(members).flatMap(([name, value]) => (value === undefined ? [] : [`"${name}":${value}`]));
  return `{${written.join(",")}}`;
}

test("a line that is not a cart is refused as such", () => {
  const cases = [
    "",
    "nonsense",
    "null",
    "[]",
    "{}",
    "[2,true,0,[]]",
    cartText({ lines: undefined }),
    cartText({ lines: "null" }),
    cartText({ lines: "{}" }),
    cartText({ lines: "[[]]" }),
    cartText({ exponent: '"2"' }),
    cartText({ exponent: "2.0" }),
    cartText({ exponent: "2e0" }),
    cartText({ exponent: "-0" }),
    cartText({ exponent: "5" }),
    cartText({ exponent: "1e400" }),
    cartText({ exponent: undefined }),
    cartText({ prices_include_tax: '"true"' }),
    cartText({ cash_step: "-1" }),
    cartText({ cash_step: "1000000000001" }),
    cartText({ cash_step: undefined }),
    cartText({ name: "7" }),
    cartText({ name: '"\\ud800"' }),
    cartText({ name: '"a\tb"' }),
    cartText({ discout: '{"percent":"5"}' }),
    cartText({ discount: '"5"' }),
    cartText({ discount: '{"percent":5}' }),
    cartText({ lines: `[${LINE.replace('"10.00"', "10")}]` }),
    cartText({ lines: '[{"quantity":"1","unit_price":"10.00","taxes":null}]' }),
    cartText({ lines: '[{"unit_price":"10.00"}]' }),
    cartText().replace("{", '{"exponent":2,'),
    `${cartText()} {}`,
    `\ufeff${cartText()}`,
    `${"[".repeat(100_000)}`,
  ];
  for (const text of cases) {
    assert.equal(answerLine(text), '{"error":"invalid_cart","where":"line"}', text.slice(0, 200));
  }
});

test("what is optional may be absent", () => {
  const cases = [
    cartText(),
    ` ${cartText()}\r`,
    cartText({ name: '"\\ud83d\\ude00 \\u00e1"' }),
    cartText({ discount: "null" }),
    cartText({ lines: '[{"quantity":"1","unit_price":"10.00"}]' }),
  ];
  for (const text of cases) assert.match(answerLine(text), /"total":1000,/, text);
});

test("the first error in the order of the rules is told", () => {
  const huge = '{"quantity":"1000000","unit_price":"10000000000.00","discount":{"amount":"x"}}';
  const cases: [string, string, string][] = [
    [`[${huge},{"quantity":"x","unit_price":"1"}]`, "total_too_large", "lines[0]"],
    ['[{"quantity":"x","unit_price":"x"}]', "invalid_quantity", "lines[0]"],
    ['[{"quantity":"1000000.001","unit_price":"x"}]', "invalid_quantity", "lines[0]"],
    ['[{"quantity":"1","unit_price":"10000000000.01"}]', "invalid_price", "lines[0]"],
    [
      '[{"quantity":"1","unit_price":"1","taxes":[{"code":"A","rate":"1"},{"code":"A","rate":"101"}]}]',
      "invalid_rate",
      "lines[0]",
    ],
    ['[{"quantity":"1","unit_price":"1","discount":{}}]', "invalid_discount", "lines[0]"],
    [`[${LINE},{"quantity":"1","unit_price":"1","discount":{"percent":"1","amount":"1"}}]`, "invalid_discount", "lines[1]"],
    ['[{"quantity":"1","unit_price":"1","discount":{"__proto__":"1"}}]', "invalid_discount", "lines[0]"],
    [
      '[{"quantity":"1","unit_price":"1","discount":{"amount":"99999999999999999999"}}]',
      "discount_exceeds_amount",
      "lines[0]",
    ],
  ];
  for (const [lines, error, where] of cases) {
    const text = cartText({ lines, discount: '{"percent":"x"}' });
    assert.equal(answerLine(text), JSON.stringify({ error, where }), text);
  }
  assert.equal(answerLine(cartText({ discount: '{"percent":"x"}' })), '{"error":"invalid_percent","where":"discount"}');
});

test("taxes are sorted by code point and then by rate", () => {
  const line = (code: string, rate: string): string =>
    `{"quantity":"1","unit_price":"10.00","taxes":[{"code":"${code}","rate":"${rate}"}]}`;
  const lines = `[${line("\u{1f600}", "1")},${line("\uffee", "1")},${line("IVA", "19")},${line("IVA", "5")}]`;
  const result = quoteWire(JSON.parse(cartText({ lines })));
  assert.ok(result.ok);
  assert.deepEqual(
    result.quote.taxes.map((tax) => [tax.code, tax.ratePpm]),
    [["IVA", 50_000], ["IVA", 190_000], ["\uffee", 10_000], ["\u{1f600}", 10_000]],
  );
});

test("a typed cart outside the engine's numbers is refused", () => {
  const line: CartLine = { quantityMilli: 1_000, unitPriceMinor: 1_000, taxes: [] };
  const cart: Cart = { exponent: 2, pricesIncludeTax: true, cashStepMinor: 0, lines: [line] };
  assert.ok(quote(cart).ok);
  const cases: [Partial<CartLine>, string][] = [
    [{ quantityMilli: 0.5 }, "invalid_quantity"],
    [{ quantityMilli: Number.NaN }, "invalid_quantity"],
    [{ unitPriceMinor: -1 }, "invalid_price"],
    [{ taxes: [{ code: "A", ratePpm: -1 }] }, "invalid_rate"],
    [{ discount: { percentE6: 100_000_001 } }, "invalid_percent"],
    [{ discount: { amountMinor: -1 } }, "invalid_amount"],
    [{ discount: { amountMinor: 1_001 } }, "discount_exceeds_amount"],
  ];
  for (const [change, code] of cases) {
    const result = quote({ ...cart, lines: [{ ...line, ...change }] });
    assert.deepEqual(result, { ok: false, error: { code, place: "lines[0]" } });
  }
});
