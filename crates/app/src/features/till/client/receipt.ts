/**
 * What a receipt says, as plain data: paper, screen, message and mail draw
 * from the same lines.
 *
 * Owns: the content of a receipt. Must not know: elements, printers.
 */

import type { Person, SaleLineContent, Shop, Unit } from "./model.ts";
import { formatAmount, formatMoney, formatPercent, formatQuantity, milliOf, minorOf } from "./money.ts";
import { priceCart } from "./pricing.ts";
import type { LocalSale } from "./store.ts";
import type { Texts } from "./texts.ts";

export interface ReceiptItem {
  name: string;
  amount: string;
  how: string;
  discount: string | null;
  note: string | null;
}

export interface Receipt {
  number: string;
  date: string;
  header: string[];
  items: ReceiptItem[];
  total: string;
  payments: { name: string; amount: string; isStrong: boolean }[];
  sums: { name: string; amount: string }[];
  customer: string;
  seller: string;
  footer: string[];
  isCopy: boolean;
  isUnsent: boolean;
}

export interface ReceiptSources {
  shop: Shop;
  texts: Texts;
  registerName: string;
  methodName: (id: string) => string;
  unitOf: (productId: string) => Unit;
  isCopy: boolean;
}

export type Seller = Pick<Person, "name">;

export function receiptOf(sale: LocalSale, from: ReceiptSources): Receipt {
  const { shop, texts: t } = from;
  const cart = {
    lines: sale.content.lines.map((line, key) => ({ ...line, key, unit: from.unitOf(line.product_id), fractions: true, quantityMilli: milliOf(line.quantity), priceChanged: false })),
    discount: sale.content.discount,
  };
  const priced = priceCart(cart, shop);
  if (priced.kind !== "priced") throw new Error("a sale that was made has a price");
  const amount = (minor: number): string => formatAmount(minor, shop);
  const { quote } = priced;
  const cashRounding = minorOfSigned(sale.content.expected.cash_rounding, shop.exponent);
  const saved = quote.discountMinor;
  return {
    number: `${sale.content.prefix}${sale.content.number}`,
    date: dateText(sale.atMicros, shop),
    header: [shop.receipt.header, [shop.receipt.legal_name, shop.receipt.tax_id].filter(filled).join(" · "), [shop.receipt.address, shop.receipt.phone].filter(filled).join(" · ")].filter(saidOnce(shop.name)),
    items: sale.content.lines.map((line, index) => itemOf(line, priced.lines[index] ?? { unitFinalMinor: 0, grossMinor: 0, discountMinor: 0 }, from)),
    total: formatMoney(quote.totalMinor, shop),
    payments: [
      ...sale.content.payments.map((payment) => ({ name: paymentName(from.methodName(payment.method_id), payment.bank, payment.reference), amount: amount(minorOf(payment.tendered ?? payment.amount, shop.exponent)), isStrong: false })),
      // Less than the shop shows would read as a unit that nobody paid.
      ...(amount(quote.totalMinor) === amount(quote.totalMinor + cashRounding) ? [] : [{ name: t.receipt_rounding, amount: amount(cashRounding), isStrong: false }]),
      ...(minorOf(sale.content.expected.change, shop.exponent) === 0 ? [] : [{ name: t.change, amount: amount(minorOf(sale.content.expected.change, shop.exponent)), isStrong: true }]),
    ],
    sums: [
      { name: t.receipt_base, amount: amount(quote.baseMinor) },
      ...quote.taxes.map((tax) => ({ name: t.receipt_tax(`${tax.code} ${formatPercent(rateText(tax.ratePpm), shop)}`), amount: amount(tax.amountMinor) })),
      ...(saved === 0 ? [] : [{ name: t.receipt_saved, amount: amount(saved) }]),
    ],
    customer: sale.customerName ?? t.final_consumer,
    seller: `${sale.person}, ${from.registerName}`,
    footer: [shop.receipt.notice, shop.receipt.footer].filter(filled),
    isCopy: from.isCopy,
    isUnsent: sale.state === "unsent" || sale.state === "sending",
  };
}

function itemOf(line: SaleLineContent, priced: { unitFinalMinor: number; grossMinor: number; discountMinor: number }, from: ReceiptSources): ReceiptItem {
  const { shop, texts: t } = from;
  const unit = line.pack === "1" ? from.unitOf(line.product_id) : "unidad";
  const quantity = formatQuantity(milliOf(line.quantity), unit, shop);
  const measured = unit === "unidad" ? quantity : `${quantity}\u00a0${unit}`;
  const pack = line.pack === "1" ? "" : ` (${t.pack_of(line.pack)})`;
  return {
    name: `${line.name}${pack}`,
    amount: formatAmount(priced.grossMinor, shop),
    how: `${measured} × ${formatAmount(priced.unitFinalMinor, shop)}`,
    discount: priced.discountMinor === 0 ? null : formatAmount(-priced.discountMinor, shop),
    note: line.note,
  };
}

function paymentName(name: string, bank: string | null, reference: string | null): string {
  return [name, bank, reference].filter(filled).join(", ");
}

/** A shop whose legal name is its name says it once: it stands above these lines. */
function saidOnce(name: string): (line: string, at: number, lines: string[]) => boolean {
  return (line, at, lines) => filled(line) && line !== name && lines.indexOf(line) === at;
}

function filled(text: string | null | undefined): text is string {
  return text !== null && text !== undefined && text !== "";
}

function minorOfSigned(text: string, exponent: number): number {
  return text.startsWith("-") ? -minorOf(text.slice(1), exponent) : minorOf(text, exponent);
}

/** 190000 ppm is "19". */
function rateText(ppm: number): string {
  const whole = Math.trunc(ppm / 10_000);
  const rest = String(ppm % 10_000).padStart(4, "0").replace(/0+$/, "");
  return rest === "" ? String(whole) : `${whole}.${rest}`;
}

export function dateText(atMicros: number, shop: Pick<Shop, "locale" | "time_zone">): string {
  return new Intl.DateTimeFormat(shop.locale, { dateStyle: "short", timeStyle: "short", hourCycle: "h23", timeZone: shop.time_zone }).format(atMicros / 1000);
}

export function timeText(atMicros: number, shop: Pick<Shop, "locale" | "time_zone">): string {
  return new Intl.DateTimeFormat(shop.locale, { hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone: shop.time_zone }).format(atMicros / 1000);
}

/** The same content for WhatsApp and mail, where a line is a line. */
export function receiptText(receipt: Receipt, shopName: string, t: Texts): string {
  const lines = [
    shopName,
    `${t.receipt_sale} ${receipt.number} · ${receipt.date}`,
    "",
    ...receipt.items.flatMap((item) => [`${item.name}: ${item.amount}`, `  ${item.how}${item.discount === null ? "" : `, ${t.discount} ${item.discount}`}`]),
    "",
    `${t.total}: ${receipt.total}`,
    ...receipt.payments.map((payment) => `${payment.name}: ${payment.amount}`),
    ...(receipt.footer.length === 0 ? [] : ["", ...receipt.footer]),
  ];
  return lines.join("\n");
}
