/**
 * The shapes that the till shares with the server (docs/api/till-protocol.md)
 * and the few that it keeps for itself.
 *
 * Owns: names and units of every record. Must not know: the screen, the
 * database of the browser, the network.
 *
 * Units: `Decimal` is money or a quantity as the wire writes it, `…Minor` an
 * integer of the currency's smallest unit, `…Milli` an integer of thousandths,
 * `…Micros` an instant in microseconds since 1970 UTC.
 */

export type Uuid = string;
export type Decimal = string;
export type Micros = number;

export type Unit = "unidad" | "kg" | "g" | "lb" | "l" | "ml" | "m";
export type CashMode = "half_up" | "half_down" | "down";
export type MethodKind = "cash" | "transfer" | "card" | "house_account" | "other";

export interface Tax {
  code: string;
  rate: Decimal;
}

export type Discount = { percent: Decimal } | { amount: Decimal };

export interface Barcode {
  code: string;
  /** Units in what carries this code: the box of 24 has its own. */
  pack: Decimal;
  /** The price of the whole pack; null: the product's times the pack. */
  price: Decimal | null;
}

export interface Product {
  id: Uuid;
  version: number;
  name: string;
  sku: string | null;
  category_id: Uuid | null;
  unit: Unit;
  fractions: boolean;
  tracks_stock: boolean;
  price: Decimal;
  taxes: Tax[];
  barcodes: Barcode[];
  favorite: boolean;
  photo: string | null;
  on_hand: Decimal | null;
}

export interface Category {
  id: Uuid;
  name: string;
}

export interface PaymentMethod {
  id: Uuid;
  name: string;
  kind: MethodKind;
  needs_bank: boolean;
  needs_reference: boolean;
}

/** Taxes to choose from for a product that is made here. */
export interface TaxSet {
  id: Uuid;
  name: string;
  usual: boolean;
  taxes: Tax[];
}

export interface Rights {
  max_discount_percent: Decimal;
  price_change: boolean;
  refund: boolean;
  void: boolean;
  open_drawer: boolean;
  give_credit: boolean;
  /** Absent where a server of an earlier build answered. */
  create_product?: boolean;
}

export interface Person {
  id: Uuid;
  name: string;
  role: string;
  rights: Rights;
}

export interface ReceiptSettings {
  header: string;
  footer: string;
  legal_name: string;
  tax_id: string;
  address: string;
  phone: string;
  paper: "58" | "80" | "letter";
  notice: string;
}

/** How a shop's scale prints weight or price into a code of the range 20–29. */
export interface ScaleCode {
  prefix: string;
  holds: "weight" | "price";
  item_digits: number;
  value_digits: number;
  /** Decimals of the printed value: 3 for grams in kilograms, 0 for pesos. */
  value_decimals: number;
}

export interface Shop {
  id: Uuid;
  name: string;
  country: string;
  currency: string;
  exponent: number;
  display_decimals: number;
  locale: string;
  time_zone: string;
  prices_include_tax: boolean;
  cash_step: Decimal;
  cash_mode: CashMode;
  receipt: ReceiptSettings;
  scale_codes?: ScaleCode[];
}

export interface OpenSession {
  id: Uuid;
  opened_at: Micros;
  opening: Decimal;
}

export interface RegisterSummary {
  id: Uuid;
  name: string;
  device_id: Uuid | null;
  session?: OpenSession | null;
}

/** The answer of `GET /api/v1/till/session`. */
export interface SessionAnswer {
  user: { id: Uuid; name: string; role: string };
  rights: Rights;
  csrf: string;
  server_time: Micros;
  shop: Shop;
  registers: RegisterSummary[];
  may_enrol: boolean;
}

export interface CatalogCursor {
  since: number;
  after: Uuid;
}

/** One page of `GET /api/v1/till/catalog`. */
export interface CatalogPage {
  version: number;
  /** What the prices of this version mean; a server that does not say has not changed it. */
  prices_include_tax?: boolean;
  complete: boolean;
  next: CatalogCursor | null;
  products: Product[];
  removed: Uuid[];
  categories?: Category[];
  payment_methods?: PaymentMethod[];
  people?: Person[];
  tax_sets?: TaxSet[];
}

export interface Lease {
  prefix: string;
  from: number;
  to: number;
  expires_at: Micros;
}

export interface SaleLineContent {
  product_id: Uuid;
  name: string;
  /** Counts packs. */
  quantity: Decimal;
  pack: Decimal;
  unit_price: Decimal;
  taxes: Tax[];
  discount: Discount | null;
  note: string | null;
}

export interface PaymentContent {
  method_id: Uuid;
  amount: Decimal;
  tendered: Decimal | null;
  bank: string | null;
  reference: string | null;
}

export type CustomerContent = { id: Uuid } | { name: string } | null;

export interface SaleContent {
  prefix: string;
  number: number;
  session_id: Uuid;
  catalog_version: number;
  customer: CustomerContent;
  lines: SaleLineContent[];
  discount: Discount | null;
  payments: PaymentContent[];
  expected: { total: Decimal; cash_rounding: Decimal; change: Decimal };
  note: string | null;
}

export interface CountedPieces {
  value: Decimal;
  pieces: number;
}

/** What a batch may carry, by kind. */
export interface Contents {
  open_session: { session_id: Uuid; opening: Decimal };
  close_session: { session_id: Uuid; counted: Decimal; counts: CountedPieces[] };
  cash_entry: { session_id: Uuid; direction: "in" | "out"; amount: Decimal; reason: string };
  customer: { name: string; phone: string | null; document: string | null };
  product: { name: string; code: string | null; price: Decimal; unit: Unit; tax_set_id: Uuid | null };
  sale: SaleContent;
}

export type Kind = keyof Contents;

export type Item = {
  [K in Kind]: { id: Uuid; kind: K; at: Micros; offline: boolean; person: Uuid; content: Contents[K] };
}[Kind];

export interface Refusal {
  code: string;
  message: string;
  fields: Record<string, unknown>;
}

export type Outcome =
  | { id: Uuid; outcome: "accepted"; data: Record<string, unknown> }
  | { id: Uuid; outcome: "review"; data: Record<string, unknown> }
  | { id: Uuid; outcome: "refused"; data: Refusal };

export interface BatchAnswer {
  results: Outcome[];
  server_time: Micros;
}
