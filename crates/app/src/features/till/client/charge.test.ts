import assert from "node:assert/strict";
import { test } from "node:test";
import { balanceOf, paymentsOf, problemOfPart, quickAmounts, roundCash, type Owing, type Part } from "./charge.ts";
import { denominationsOf } from "./country.ts";
import type { CashMode, PaymentMethod } from "./model.ts";

const CASH: PaymentMethod = { id: "cash", name: "Efectivo", kind: "cash", needs_bank: false, needs_reference: false };
const TRANSFER: PaymentMethod = { id: "transfer", name: "Transferencia", kind: "transfer", needs_bank: true, needs_reference: false };
const NONE = { stepMinor: 0, mode: "half_up" as const };
const FIFTY = { stepMinor: 5_000, mode: "half_up" as const };

function part(amountMinor: number, changes: Partial<Part> = {}): Part {
  return { method: TRANSFER, amountMinor, bank: "Bancolombia", reference: null, ...changes };
}

function owing(changes: Partial<Owing>): Owing {
  return { totalMinor: 3_329_000, parts: [], tenderedMinor: null, rounding: NONE, ...changes };
}

test("cash is rounded to the shop's step, ties by its mode", () => {
  const cases: [number, number, CashMode, number][] = [
    [12_345, 0, "half_up", 12_345],
    [12_345, 10, "half_up", 12_350],
    [12_345, 10, "half_down", 12_340],
    [12_346, 10, "half_down", 12_350],
    [12_349, 10, "down", 12_340],
    [12_340, 10, "down", 12_340],
    [7, 5, "half_up", 5],
    [8, 5, "half_down", 10],
    [2_499, 5_000, "half_up", 0],
    [2_500, 5_000, "half_up", 5_000],
  ];
  for (const [amount, stepMinor, mode, rounded] of cases) assert.equal(roundCash(amount, { stepMinor, mode }), rounded, `${amount} by ${stepMinor} ${mode}`);
});

test("cash: missing, exact and with change", () => {
  const cases: [number | null, number, number, boolean][] = [
    [null, 3_329_000, 0, false],
    [3_000_000, 329_000, 0, false],
    [3_329_000, 0, 0, true],
    [5_000_000, 0, 1_671_000, true],
  ];
  for (const [tenderedMinor, missing, change, settled] of cases) {
    const now = balanceOf(owing({ tenderedMinor }));
    assert.deepEqual([now.missingMinor, now.changeMinor, now.isSettled], [missing, change, settled]);
  }
});

test("only the part paid in cash is rounded", () => {
  const mixed = owing({ parts: [part(1_000_000)], tenderedMinor: 5_000_000, rounding: FIFTY });
  const now = balanceOf(mixed);
  assert.deepEqual([now.restMinor, now.cashDueMinor, now.roundingMinor, now.changeMinor], [2_329_000, 2_330_000, 1_000, 2_670_000]);
  const whole = balanceOf(owing({ parts: [part(3_329_000)], rounding: FIFTY }));
  assert.deepEqual([whole.roundingMinor, whole.isSettled, whole.changeMinor], [0, true, 0]);
});

test("the payments of a settled charge add up to total and rounding", () => {
  const mixed = owing({ parts: [part(1_000_000)], tenderedMinor: 5_000_000, rounding: FIFTY });
  assert.deepEqual(paymentsOf(mixed, CASH, 2), {
    payments: [
      { method_id: "transfer", amount: "10000.00", tendered: null, bank: "Bancolombia", reference: null },
      { method_id: "cash", amount: "23300.00", tendered: "50000.00", bank: null, reference: null },
    ],
    roundingMinor: 1_000,
    changeMinor: 2_670_000,
  });
});

test("a sale that costs nothing is settled without a payment", () => {
  const free = owing({ totalMinor: 0 });
  assert.equal(balanceOf(free).isSettled, true);
  assert.deepEqual(paymentsOf(free, CASH, 2).payments, []);
});

test("a rest that rounds to nothing is settled by nothing, and says so", () => {
  const coins = owing({ totalMinor: 2_000, rounding: FIFTY });
  assert.deepEqual([balanceOf(coins).isSettled, balanceOf(coins).roundingMinor], [true, -2_000]);
  assert.deepEqual(paymentsOf(coins, CASH, 2).payments.map((payment) => payment.amount), ["0.00"]);
});

test("an unsettled charge makes no payments", () => {
  assert.throws(() => paymentsOf(owing({ tenderedMinor: 100 }), CASH, 2), RangeError);
});

test("a part says what keeps it from being taken", () => {
  const cases: [Part, string | null][] = [
    [part(0), "amount"],
    [part(3_329_001), "too_much"],
    [part(100, { bank: "  " }), "bank"],
    [part(100, { method: { ...TRANSFER, needs_reference: true } }), "reference"],
    [part(3_329_000), null],
  ];
  for (const [each, problem] of cases) assert.equal(problemOfPart(each, 3_329_000), problem);
});

test("quick amounts are the next plausible notes of the country", () => {
  const cases: [string, number, number, number[]][] = [
    ["CO", 3_329_000, 2, [35_000, 40_000, 50_000, 100_000]],
    ["CO", 2_329_000, 2, [25_000, 30_000, 50_000, 100_000]],
    ["CO", 290_000, 2, [3_000, 5_000, 10_000, 20_000]],
    ["CO", 1_650_000, 2, [17_000, 20_000, 50_000, 100_000]],
    ["CO", 5_000_000, 2, [100_000]],
    ["MX", 18_750, 2, [190, 200, 500, 1_000]],
    ["PE", 1_230, 2, [15, 20, 50, 100]],
    ["CL", 3_329, 0, [3_500, 4_000, 5_000, 10_000]],
    ["EC", 415, 2, [5, 10, 20, 50]],
  ];
  for (const [country, due, exponent, amounts] of cases) {
    const quick = quickAmounts(due, denominationsOf(country), exponent);
    assert.deepEqual(quick.map((each) => each.amountMinor / 10 ** exponent), amounts, `${country} ${due}`);
    assert.ok(quick.every((each) => each.amountMinor > due));
  }
  assert.deepEqual(quickAmounts(0, denominationsOf("CO"), 2), []);
});

test("a quick amount knows its notes, largest first", () => {
  const [first] = quickAmounts(2_329_000, denominationsOf("CO"), 2);
  assert.deepEqual(first?.notes, [2_000_000, 500_000]);
});
