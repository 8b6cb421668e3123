// A server that speaks docs/api/till-protocol.md from memory, so that the till can be
// tried and photographed without the rest of the program.
//
// It verifies device signatures for real, prices each sale again with the engine, refuses
// unknown fields, gives the same answer to a repetition, and can be told to vanish or to
// lose its answers. It serves the built shell and assets under the till's own policy.
//
// It knows no database and no sign-in: who asks is who `options.person` says.

import { webcrypto } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';

import { parseDecimal } from '../../crates/app/src/features/till/client/decimal.ts';
import type { CatalogPage, Item, Outcome, PaymentMethod, Product, RegisterSummary, SaleContent, SessionAnswer } from '../../crates/app/src/features/till/client/model.ts';
import { quote } from '../../crates/app/src/features/till/client/quote.ts';

/** How the network behaves: `deaf` does the work and loses the answer. */
export type Weather = 'up' | 'down' | 'deaf';

export interface FakeOptions {
  readonly root?: string;
  readonly port?: number;
  readonly products?: readonly Product[];
  readonly person?: 'admin' | 'seller';
  /** The clock's advance over the real one, in µs. */
  readonly skewMicros?: number;
}

interface EnrolledDevice {
  readonly registerId: string;
  readonly key: webcrypto.CryptoKey;
  isRevoked: boolean;
}

interface Reply {
  readonly status: number;
  readonly body: unknown;
}

const PAGE_SIZE = 2000;
const LEASE = 200;
const DAY_MICROS = 86_400_000_000;
const POLICY =
  "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; manifest-src 'self'; worker-src 'self'; " +
  "base-uri 'none'; object-src 'none'; form-action 'self'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types swap urls";

const refusal = (status: number, code: string, error = ''): Reply => ({ status, body: { success: false, error, code, fields: {} } });

export class FakeTillServer {
  weather: Weather = 'up';
  readonly sales = new Map<string, SaleContent>();
  readonly items: Item[] = [];
  readonly batches: number[] = [];
  person: 'admin' | 'seller';
  readonly devices = new Map<string, EnrolledDevice>();
  readonly registers: RegisterSummary[] = [
    { id: '01900000-0000-7000-8000-0000000000c1', name: 'Caja 1', device_id: null },
    { id: '01900000-0000-7000-8000-0000000000c2', name: 'Caja 2', device_id: null },
  ];
  readonly stockMilli = new Map<string, number>();
  #products: readonly Product[];
  #stored = new Map<string, { content: string; outcome: Outcome }>();
  #leases = new Map<string, { from: number; to: number; expires_at: number }>();
  #highest = new Map<string, number>();
  readonly #root: string;
  readonly #skewMicros: number;
  readonly #server: Server;

  constructor(options: FakeOptions = {}) {
    this.#root = options.root ?? process.cwd();
    this.#skewMicros = options.skewMicros ?? 0;
    this.person = options.person ?? 'admin';
    this.#products = options.products ?? shopProducts();
    for (const product of this.#products) if (product.on_hand !== null) this.stockMilli.set(product.id, scaled(product.on_hand, 3));
    this.#server = createServer((request, response) => void this.#serve(request, response));
  }

  async listen(port = 0): Promise<string> {
    await new Promise<void>((done) => this.#server.listen(port, '127.0.0.1', done));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  close(): Promise<void> {
    this.#server.closeAllConnections();
    return new Promise((done) => this.#server.close(() => done()));
  }

  #nowMicros(): number {
    return Date.now() * 1000 + this.#skewMicros;
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (this.weather === 'down') return void request.socket.destroy();
    const path = request.url ?? '/';
    const body = await bodyOf(request);
    if (!path.startsWith('/api/')) return this.#file(path, response);
    const reply = await this.#api(request, path, body);
    if (this.weather === 'deaf') return void request.socket.destroy();
    response.writeHead(reply.status, { 'Content-Type': 'application/json', 'X-Server-Time': String(this.#nowMicros()), 'Cache-Control': 'no-store' });
    response.end(JSON.stringify(reply.body));
  }

  // ── The static half ──────────────────────────────────────────────────────

  #file(path: string, response: ServerResponse): void {
    const assets = join(this.#root, 'target/assets');
    const manifest = JSON.parse(readFileSync(join(assets, 'manifest.json'), 'utf8')) as Record<string, { file: string; type: string }>;
    const send = (type: string, bytes: string | Buffer): void => {
      response.writeHead(200, { 'Content-Type': type, 'Content-Security-Policy': POLICY, 'X-Content-Type-Options': 'nosniff', 'Cache-Control': 'no-cache' });
      response.end(bytes);
    };
    if (path === '/ventas/nueva/') {
      const shell = readFileSync(join(this.#root, 'crates/app/src/features/till/shell.html'), 'utf8');
      return send('text/html; charset=utf-8', shell.replace(/\{\{([\w.-]+)\}\}/g, (_, name: string) => `/static/${manifest[name]?.file ?? name}`));
    }
    if (path === '/ventas/nueva/sw.js') return send('text/javascript; charset=utf-8', readFileSync(join(assets, manifest['sw.js']?.file ?? '')));
    const entry = Object.values(manifest).find(({ file }) => path === `/static/${file}`);
    if (entry !== undefined && existsSync(join(assets, entry.file))) return send(entry.type, readFileSync(join(assets, entry.file)));
    response.writeHead(404).end();
  }

  // ── The protocol ─────────────────────────────────────────────────────────

  async #api(request: IncomingMessage, path: string, body: string): Promise<Reply> {
    const { pathname, searchParams } = new URL(path, 'http://till');
    if (pathname === '/api/v1/till/session') return { status: 200, body: this.#session() };
    if (pathname === '/api/v1/till/devices') return this.#enrol(request, body);
    const device = await this.#deviceOf(request, path, body);
    if ('status' in device) return device;
    switch (pathname) {
      case '/api/v1/till/catalog':
        return device.isRevoked ? refusal(403, 'DEVICE_REVOKED') : { status: 200, body: this.#catalog(searchParams) };
      case '/api/v1/till/stock':
        return device.isRevoked ? refusal(403, 'DEVICE_REVOKED') : { status: 200, body: { levels: this.#products.flatMap((product) => (product.on_hand === null ? [] : [[product.id, unscaled(this.stockMilli.get(product.id) ?? 0)]])), next: null } };
      case '/api/v1/till/lease':
        return device.isRevoked ? refusal(403, 'DEVICE_REVOKED') : { status: 200, body: this.#lease(device, body) };
      case '/api/v1/till/batch':
        return this.#batch(device, body);
      default:
        return refusal(404, 'RESOURCE_NOT_FOUND');
    }
  }

  #session(): SessionAnswer {
    const isAdmin = this.person === 'admin';
    return {
      user: { id: isAdmin ? '01900000-0000-7000-8000-0000000000a1' : '01900000-0000-7000-8000-0000000000a2', name: isAdmin ? 'Marta' : 'Yuliana', role: isAdmin ? 'admin' : 'vendedor' },
      rights: { max_discount_percent: isAdmin ? '100' : '10', price_change: isAdmin, refund: isAdmin, void: isAdmin, open_drawer: true, give_credit: false, create_product: isAdmin },
      csrf: 'a-token-of-the-fake', server_time: this.#nowMicros(),
      shop: {
        id: '01900000-0000-7000-8000-000000000051', name: 'Tienda La Esquina', country: 'CO', currency: 'COP', exponent: 2, display_decimals: 0, locale: 'es-CO', time_zone: 'America/Bogota',
        prices_include_tax: true, cash_step: '1.00', cash_mode: 'half_up',
        receipt: { header: '', footer: 'Gracias por comprar en el barrio.', legal_name: 'Marta Ríos', tax_id: 'NIT 52.418.906-3', address: 'Cra. 14 # 45-12, Bogotá', phone: '310 555 0142', paper: '80', notice: 'Comprobante de venta, no es factura electrónica.' },
        scale_codes: [{ prefix: '21', holds: 'weight', item_digits: 5, value_digits: 5, value_decimals: 3 }],
      },
      registers: this.registers, may_enrol: isAdmin,
    };
  }

  async #enrol(request: IncomingMessage, body: string): Promise<Reply> {
    if (request.headers['x-csrftoken'] !== 'a-token-of-the-fake') return refusal(403, 'CSRF_TOKEN_MISSING');
    const asked = JSON.parse(body) as { id: string; register_id: string; public_key: string; take_over?: boolean };
    const at = this.registers.findIndex(({ id }) => id === asked.register_id);
    const register = this.registers[at];
    if (register === undefined) return refusal(404, 'RESOURCE_NOT_FOUND');
    if (register.device_id !== null && asked.take_over !== true) return refusal(409, 'CONFLICT');
    const former = register.device_id === null ? undefined : this.devices.get(register.device_id);
    if (former !== undefined) former.isRevoked = true;
    const key = await webcrypto.subtle.importKey('raw', Buffer.from(asked.public_key, 'base64url'), { name: 'ECDSA', namedCurve: 'P-256' }, true, ['verify']);
    this.devices.set(asked.id, { registerId: register.id, key, isRevoked: false });
    this.registers[at] = { ...register, device_id: asked.id };
    return { status: 200, body: { device_id: asked.id, register: { id: register.id, name: register.name, prefix: `C${at + 1}-` } } };
  }

  async #deviceOf(request: IncomingMessage, path: string, body: string): Promise<EnrolledDevice | Reply> {
    const parts = /^Device ([0-9a-f-]{36})\.([\w-]{86})$/.exec(request.headers.authorization ?? '');
    const device = parts === null ? undefined : this.devices.get(parts[1] ?? '');
    const time = String(request.headers['x-device-time'] ?? '');
    if (parts === null || device === undefined) return refusal(401, 'DEVICE_UNKNOWN');
    const hash = Buffer.from(await webcrypto.subtle.digest('SHA-256', Buffer.from(body))).toString('hex');
    const text = ['inventario-device-v1', request.method, path, hash, time].join('\n');
    const isSigned = await webcrypto.subtle.verify({ name: 'ECDSA', hash: 'SHA-256' }, device.key, Buffer.from(parts[2] ?? '', 'base64url'), Buffer.from(text));
    if (!isSigned) return refusal(401, 'DEVICE_SIGNATURE');
    if (Math.abs(Number(time) - this.#nowMicros()) > DAY_MICROS) return refusal(401, 'DEVICE_CLOCK');
    return device;
  }

  #catalog(query: URLSearchParams): CatalogPage {
    const [since, after] = [Number(query.get('since') ?? 0), query.get('after') ?? ''];
    const changed = this.#products.filter(({ version, id }) => version > since || (version === since && after !== '' && id > after)).sort((a, b) => a.version - b.version || (a.id < b.id ? -1 : 1));
    const page = changed.slice(0, PAGE_SIZE);
    const last = page.at(-1);
    const isComplete = changed.length <= PAGE_SIZE;
    return {
      version: Math.max(0, ...this.#products.map(({ version }) => version)), complete: isComplete, next: isComplete || last === undefined ? null : { since: last.version, after: last.id },
      products: page, removed: [], categories: CATEGORIES, payment_methods: METHODS, people: [],
    };
  }

  /** Publishes a change, as the office would. */
  putProduct(product: Product): void {
    const version = 1 + Math.max(0, ...this.#products.map((each) => each.version));
    this.#products = [...this.#products.filter(({ id }) => id !== product.id), { ...product, version }];
  }

  #lease(device: EnrolledDevice, body: string): unknown {
    const { id } = JSON.parse(body) as { id: string; above: number };
    const prefix = `C${this.registers.findIndex((register) => register.id === device.registerId) + 1}-`;
    const known = this.#leases.get(id);
    if (known !== undefined) return { prefix, ...known };
    const from = (this.#highest.get(prefix) ?? 1248) + 1;
    const lease = { from, to: from + LEASE - 1, expires_at: this.#nowMicros() + 30 * DAY_MICROS };
    this.#highest.set(prefix, lease.to);
    this.#leases.set(id, lease);
    return { prefix, ...lease };
  }

  #batch(device: EnrolledDevice, body: string): Reply {
    const { items } = JSON.parse(body) as { items: Item[] };
    if (items.length > 100 || body.length > 1_000_000) return refusal(413, 'VALIDATION_ERROR');
    this.batches.push(items.length);
    return { status: 200, body: { results: items.map((item) => this.#take(device, item)), server_time: this.#nowMicros() } };
  }

  #take(device: EnrolledDevice, item: Item): Outcome {
    const content = JSON.stringify([item.kind, item.content]);
    const known = this.#stored.get(item.id);
    if (known !== undefined) return known.content === content ? known.outcome : { id: item.id, outcome: 'review', data: {} };
    const outcome = device.isRevoked ? ({ id: item.id, outcome: 'review', data: {} } as const) : this.#post(item);
    if (outcome.outcome === 'refused') return outcome;
    this.#stored.set(item.id, { content, outcome });
    this.items.push(item);
    return outcome;
  }

  #post(item: Item): Outcome {
    const { id } = item;
    if (item.kind === 'close_session') return { id, outcome: 'accepted', data: this.#closing(item.content.session_id, item.content.counted) };
    if (item.kind !== 'sale') return { id, outcome: 'accepted', data: {} };
    const problem = saleProblem(item.content);
    const no = (code: string, fields: Record<string, unknown> = {}, message = ''): Outcome => (item.offline ? { id, outcome: 'review', data: {} } : { id, outcome: 'refused', data: { code, message, fields } });
    if (problem !== null) return no('VALIDATION_ERROR', {}, problem);
    const lacking = item.offline ? {} : this.#lacking(item.content);
    if (Object.keys(lacking).length > 0) return no('STOCK_INSUFFICIENT', lacking);
    for (const line of item.content.lines) this.stockMilli.set(line.product_id, (this.stockMilli.get(line.product_id) ?? 0) - scaled(line.quantity, 3) * Number(line.pack));
    this.sales.set(id, item.content);
    return { id, outcome: 'accepted', data: { number: `${item.content.prefix}${item.content.number}`, total: item.content.expected.total, change: item.content.expected.change } };
  }

  #lacking(sale: SaleContent): Record<string, string> {
    const short = sale.lines.map((line, at) => {
      const tracked = this.#products.find(({ id }) => id === line.product_id)?.tracks_stock === true;
      const left = this.stockMilli.get(line.product_id) ?? 0;
      return tracked && left < scaled(line.quantity, 3) ? [[String(at), unscaled(left)]] : [];
    });
    return Object.fromEntries(short.flat()) as Record<string, string>;
  }

  #closing(sessionId: string, counted: string): Record<string, string> {
    const opening = this.items.find((item) => item.kind === 'open_session' && item.id === sessionId);
    const start = opening?.kind === 'open_session' ? scaled(opening.content.opening, 2) : 0;
    const cash = [...this.sales.values()].filter((sale) => sale.session_id === sessionId).flatMap((sale) => sale.payments).filter((payment) => payment.tendered !== null).reduce((sum, payment) => sum + scaled(payment.amount, 2), 0);
    const moved = this.items.reduce((sum, item) => (item.kind === 'cash_entry' && item.content.session_id === sessionId ? sum + (item.content.direction === 'in' ? 1 : -1) * scaled(item.content.amount, 2) : sum), 0);
    const expected = start + cash + moved;
    return { expected: money(expected), difference: money(scaled(counted, 2) - expected) };
  }
}

/** What the real server would file as a difference: fields, arithmetic, numbers. */
function saleProblem(sale: SaleContent): string | null {
  const keys = ['prefix', 'number', 'session_id', 'catalog_version', 'customer', 'lines', 'discount', 'payments', 'expected', 'note'];
  const unknown = Object.keys(sale).find((key) => !keys.includes(key));
  if (unknown !== undefined) return `unknown field ${unknown}`;
  const priced = quote({
    exponent: 2, pricesIncludeTax: true, cashStepMinor: 0,
    lines: sale.lines.map((line) => ({ quantityMilli: scaled(line.quantity, 3), unitPriceMinor: scaled(line.unit_price, 2), taxes: line.taxes.map(({ code, rate }) => ({ code, ratePpm: scaled(rate, 4) })), discount: discountOf(line.discount) })),
    discount: discountOf(sale.discount),
  });
  if (!priced.ok) return `${priced.error.code} at ${priced.error.place}`;
  if (money(priced.quote.totalMinor) !== sale.expected.total) return `total is ${money(priced.quote.totalMinor)}, not ${sale.expected.total}`;
  const paid = sale.payments.reduce((sum, payment) => sum + scaled(payment.amount, 2), 0);
  const rounding = scaled(sale.expected.cash_rounding, 2);
  return paid === priced.quote.totalMinor + rounding && Math.abs(rounding) <= 50 ? null : `payments add up to ${money(paid)}`;
}

function discountOf(discount: SaleContent['discount']): { percentE6: number } | { amountMinor: number } | undefined {
  if (discount === null) return undefined;
  return 'percent' in discount ? { percentE6: scaled(discount.percent, 6) } : { amountMinor: scaled(discount.amount, 2) };
}

function scaled(text: string, decimals: number): number {
  const sign = text.startsWith('-') ? -1 : 1;
  const read = parseDecimal(text.replace('-', ''), decimals);
  if (!read.ok) throw new RangeError(`${text}: ${read.error}`);
  return sign * read.value;
}

function unscaled(milli: number): string {
  return `${milli < 0 ? '-' : ''}${Math.trunc(Math.abs(milli) / 1000)}.${String(Math.abs(milli) % 1000).padStart(3, '0')}`.replace(/\.?0+$/, '');
}

function money(minor: number): string {
  return `${minor < 0 ? '-' : ''}${Math.trunc(Math.abs(minor) / 100)}.${String(Math.abs(minor) % 100).padStart(2, '0')}`;
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts).toString('utf8');
}

// ── A small shop ───────────────────────────────────────────────────────────

const categoryId = (at: number): string => `01900000-0000-7000-8000-00000000ca${String(at).padStart(2, '0')}`;
const CATEGORIES = ['Lácteos y huevos', 'Granos', 'Panadería', 'Frutas y verduras', 'Bebidas', 'Aseo', 'Mecato', 'Servicios'].map((name, at) => ({ id: categoryId(at), name }));
const METHODS: PaymentMethod[] = [
  { id: '01900000-0000-7000-8000-0000000000e1', name: 'Efectivo', kind: 'cash', needs_bank: false, needs_reference: false },
  { id: '01900000-0000-7000-8000-0000000000e2', name: 'Nequi', kind: 'other', needs_bank: false, needs_reference: false },
  { id: '01900000-0000-7000-8000-0000000000e3', name: 'Transferencia', kind: 'transfer', needs_bank: true, needs_reference: false },
  { id: '01900000-0000-7000-8000-0000000000e4', name: 'Tarjeta', kind: 'card', needs_bank: false, needs_reference: false },
];

/** Name, price, category, on hand; codes are of the in-store range and made by place. */
const GOODS: readonly (readonly [name: string, price: number, category: number, onHand: number | null, unit?: 'kg'])[] = [
  ['Leche Alquería 1 L', 4200, 0, 4], ['Pan tajado Bimbo 480 g', 7900, 2, 12], ['Arroz Diana 500 g', 2900, 1, 48], ['Huevos AA × 30', 16500, 0, 15], ['Queso campesino', 12900, 0, 8, 'kg'],
  ['Café Sello Rojo 250 g', 11400, 1, 20], ['Aceite Premier 900 ml', 9800, 1, 14], ['Panela redonda 500 g', 3600, 1, 30], ['Gaseosa Postobón manzana 1,5 L', 5200, 4, 18], ['Banano criollo', 3200, 3, 25, 'kg'],
  ['Atún Van Camps lomitos en aceite 160 g', 7300, 1, 22], ['Jabón Rey barra 300 g', 3900, 5, 40], ['Papas Margarita limón 105 g', 5600, 6, 16], ['Papel Familia × 4', 10800, 5, 9], ['Recarga celular', 0, 7, null],
  ['Sal Refisal 1 kg', 2300, 1, 26], ['Chocolate Corona 250 g', 8700, 1, 11], ['Lenteja 500 g', 3400, 1, 19], ['Velón San Jorge', 4800, 5, 7], ['Azúcar Manuelita 1 kg', 4900, 1, 33],
];

/** The code of the product at a place of the list: range 29, with its check digit. */
export function codeAt(at: number): string {
  const body = `29${String(at + 1).padStart(10, '0')}`;
  const sum = [...body].reverse().reduce((total, digit, index) => total + Number(digit) * (index % 2 === 0 ? 3 : 1), 0);
  return `${body}${(10 - (sum % 10)) % 10}`;
}

export function shopProducts(): Product[] {
  return GOODS.map(([name, price, category, onHand, unit], at) => ({
    id: `01900000-0000-7000-8000-${String(at + 1).padStart(12, '0')}`, version: 1, name, sku: unit === 'kg' ? String(at + 1).padStart(5, '0') : null, category_id: categoryId(category), unit: unit ?? 'unidad', fractions: unit !== undefined,
    tracks_stock: onHand !== null, price: `${price}.00`, taxes: category === 0 || category === 3 ? [] : [{ code: 'IVA', rate: '19' }],
    barcodes: [{ code: codeAt(at), pack: '1', price: null }], favorite: true, photo: null, on_hand: onHand === null ? null : String(onHand),
  }));
}

/** Started by hand: `FAKE_TILL=8123` keeps one running for a look. */
const port = process.env['FAKE_TILL'];
if (port !== undefined) {
  const fake = new FakeTillServer();
  console.log(`${await fake.listen(Number(port))}/ventas/nueva/`);
}
