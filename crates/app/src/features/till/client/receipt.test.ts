import assert from "node:assert/strict";
import { test } from "node:test";
import { NOW, sale, shop } from "./builders.ts";
import type { SaleContent } from "./model.ts";
import { receiptOf, receiptText, type ReceiptSources } from "./receipt.ts";
import type { LocalSale } from "./store.ts";
import { textsOf } from "./texts.ts";

const IVA = [{ code: "IVA", rate: "19" }];
const CONTENT: SaleContent = {
  ...sale("a").content,
  lines: [
    { product_id: "arroz", name: "Arroz Diana 500 g", quantity: "3", pack: "1", unit_price: "2900.00", taxes: IVA, discount: null, note: null },
    { product_id: "queso", name: "Queso campesino", quantity: "0.755", pack: "1", unit_price: "12900.00", taxes: [], discount: null, note: "tajado" },
    { product_id: "huevos", name: "Huevos AA", quantity: "1", pack: "30", unit_price: "16500.00", taxes: [], discount: { percent: "10" }, note: null },
  ],
  payments: [
    { method_id: "nequi", amount: "10000.00", tendered: null, bank: null, reference: "884 120" },
    { method_id: "cash", amount: "23290.00", tendered: "50000.00", bank: null, reference: null },
  ],
  expected: { total: "33289.50", cash_rounding: "0.50", change: "26710.00" },
};

function local(changes: Partial<LocalSale> = {}): LocalSale {
  return { id: "a", atMicros: NOW, state: "delivered", content: CONTENT, person: "Yuliana", customerName: null, prints: 0, ...changes };
}

const sources: ReceiptSources = {
  shop: shop({ receipt: { ...shop().receipt, legal_name: "Marta Ríos", tax_id: "NIT 52.418.906-3", notice: "No es factura electrónica.", footer: "Gracias." } }),
  texts: textsOf("es-CO"),
  registerName: "Caja 1",
  methodName: (id) => ({ nequi: "Nequi", cash: "Efectivo" })[id] ?? "",
  unitOf: (id) => (id === "queso" ? "kg" : "unidad"),
  isCopy: false,
};

test("a receipt says what was bought, how it was paid and what came back", () => {
  const receipt = receiptOf(local(), sources);
  assert.equal(receipt.number, "C1-201");
  assert.deepEqual(receipt.items.map((item) => [item.name, item.how, item.amount, item.discount, item.note]), [
    ["Arroz Diana 500 g", "3 × 2.900", "8.700", null, null],
    ["Queso campesino", "0,755\u00a0kg × 12.900", "9.740", null, "tajado"],
    ["Huevos AA (paquete de 30)", "1 × 16.500", "16.500", "\u2212\u00a01.650", null],
  ]);
  assert.equal(receipt.total, "$\u00a033.290");
  assert.deepEqual(receipt.payments.map((row) => [row.name, row.amount]), [["Nequi, 884 120", "10.000"], ["Efectivo", "50.000"], ["Cambio", "26.710"]]);
  assert.deepEqual(receipt.sums.map((row) => row.amount), ["31.900", "1.389", "1.650"]);
  assert.deepEqual(receipt.footer, ["No es factura electrónica.", "Gracias."]);
  assert.equal(receipt.customer, "Consumidor final");
});

test("a rounding that the shop can show is a row of its own", () => {
  const rounded = { ...CONTENT, expected: { ...CONTENT.expected, cash_rounding: "-39.50" } };
  const names = receiptOf(local({ content: rounded }), sources).payments.map((row) => [row.name, row.amount]);
  assert.deepEqual(names[2], ["Redondeo", "\u2212\u00a040"]);
});

test("a copy is marked, and so is what the server does not have yet", () => {
  const copy = receiptOf(local({ state: "unsent" }), { ...sources, isCopy: true });
  assert.deepEqual([copy.isCopy, copy.isUnsent], [true, true]);
});

test("the message for WhatsApp has the same figures", () => {
  const text = receiptText(receiptOf(local(), sources), "Tienda La Esquina", sources.texts);
  for (const part of ["Tienda La Esquina", "C1-201", "Arroz Diana 500 g: 8.700", "Total: $\u00a033.290", "Cambio: 26.710"]) assert.ok(text.includes(part), part);
});

test("all three languages are spoken, and an unknown one is Spanish", () => {
  assert.deepEqual(["es-CO", "en-US", "pt-BR", "qu-PE"].map((locale) => textsOf(locale).change), ["Cambio", "Change", "Troco", "Cambio"]);
});

test("a shop whose legal name is its name says it once", () => {
  const named = (header: string, legal_name: string): string[] => receiptOf(local(), { ...sources, shop: shop({ receipt: { ...shop().receipt, header, legal_name } }) }).header;
  assert.deepEqual(named("Tienda La Esquina", "Tienda La Esquina"), []);
  assert.deepEqual(named("La de siempre", "La de siempre"), ["La de siempre"]);
  assert.deepEqual(named("La de siempre", "Marta Ríos"), ["La de siempre", "Marta Ríos"]);
});
