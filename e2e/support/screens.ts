// Every screen there is, and who sees it.
//
// The list is the router's own (`inventario routes`), so that a new page is walked
// from the day it exists: an address with something to fill in needs a way to find
// an example, and what is no page needs a line in `NOT_SCREENS` with the reason.
// Without either, the walk names the route and fails.

import type { Page } from 'playwright-core';

import { linkMailedTo } from './people.ts';
import type { Account, Running } from './server.ts';

export type Person = 'nobody' | 'seller' | 'admin' | 'superuser';

export interface Screen {
  /** For pictures and complaints, such as `productos-uno-kardex.seller`. */
  readonly name: string;
  readonly path: string;
  readonly person: Person;
  /** The till measures itself by stricter rules. */
  readonly till: boolean;
}

interface Route {
  readonly method: string;
  readonly path: string;
  readonly who: string;
}

/** What is asked for by GET and is no page, or is walked by other stories. */
const NOT_SCREENS: Readonly<Record<string, string>> = {
  '/api/v1/till/catalog': 'the till asks it',
  '/api/v1/till/customers': 'the till asks it',
  '/api/v1/till/photos/{file}': 'the till asks it',
  '/api/v1/till/session': 'the till asks it',
  '/api/v1/till/stock': 'the till asks it',
  '/buscar/': "the palette's answer in JSON",
  '/configuracion/datos/importar/{id}/rechazadas.csv': 'a file to keep',
  '/gastos/exportar/': 'a file to keep',
  '/healthz': 'a word for a probe',
  '/ingresos/exportar/': 'a file to keep',
  '/media/{file}': 'a photograph',
  '/readyz': 'a word for a probe',
  '/productos/{id}/barras.svg': 'a picture on the product page',
  '/ventas/api/buscar-producto/': 'an answer in JSON',
  '/ventas/exportar/': 'a file to keep',
  '/ventas/numero/{label}/': 'leads to the sale of that number',
  '/ventas/numero/{label}/devolver/': 'leads to the refund of that sale',
  '/ventas/nueva/sw.js': "the till's service worker",
};

/** Where an example of what stands in braces is found: by a link that a page shows, or by doing something. */
type Example = { readonly on: string; readonly by: Person } | ((scene: Walk) => Promise<string>);

const EXAMPLES: Readonly<Record<string, Example>> = {
  '/productos/{id}': { on: '/productos/', by: 'admin' },
  '/clientes/{id}': { on: '/clientes/', by: 'admin' },
  '/ventas/{id}': { on: '/ventas/', by: 'admin' },
  '/configuracion/cajas/{id}': { on: '/configuracion/cajas/', by: 'admin' },
  '/configuracion/impuestos/{id}': { on: '/configuracion/impuestos/', by: 'admin' },
  '/configuracion/pagos/{id}': { on: '/configuracion/pagos/', by: 'admin' },
  '/gastos/{id}': (walk) => recordMoney(walk, '/gastos/'),
  '/ingresos/{id}': (walk) => recordMoney(walk, '/ingresos/'),
  '/admin/correo/{id}': letterToSomebody,
  '/configuracion/datos/importar/archivo/{id}': uploadFile,
  '/configuracion/datos/importar/{id}': reviewFile,
  '/verificar-email/{user}/{token}': registerSomebody,
};

/** What an address is asked with where it says nothing alone. */
const QUERIES: Readonly<Record<string, string>> = { '/dashboard/filas/lineas/': '?sin_costo=1' };

/** Addresses that show more of a page than its plain one. */
const MORE: readonly { readonly name: string; readonly path: string; readonly person: Person; readonly route: string }[] = [
  { name: 'productos-nada', path: '/productos/?q=xyzzy', person: 'admin', route: '/productos/' },
  { name: 'clientes-nada', path: '/clientes/?q=xyzzy', person: 'admin', route: '/clientes/' },
  { name: 'ventas-nada', path: '/ventas/?q=xyzzy', person: 'admin', route: '/ventas/' },
  { name: 'resumen-nada', path: '/dashboard/?desde=2020-01-01&hasta=2020-01-31', person: 'admin', route: '/dashboard/' },
  { name: 'no-hay', path: '/no/hay/tal/', person: 'admin', route: '/' },
  { name: 'no-hay', path: '/no/hay/tal/', person: 'nobody', route: '/' },
];

/** The people of a walk, each with a page where they are signed in. */
export interface Walk {
  readonly server: Running;
  readonly pages: Readonly<Record<Person, Page>>;
}

/** The link of the first row that leads to something below `list`. */
async function firstLink(page: Page, list: string): Promise<string> {
  await page.goto(list);
  const links = await page.locator('main a[href]').evaluateAll((found) => found.map((link) => link.getAttribute('href') ?? ''));
  const one = new RegExp(`^${list}([0-9a-f-]{36})/`);
  const link = links.map((href) => one.exec(href)?.[1]).find((id) => id !== undefined);
  if (!link) throw new Error(`${list} shows no link to a record of its own`);
  return `${list}${link}`;
}

/** A file with one row that goes in, one that changes nothing and one that is refused. */
const SHEET = 'name;sku;price;cost;stock\nWalnuts 200 g;PR-1;8500;5200;12\nSea salt 1 kg;PR-2;eight;900;3\nTea bags × 20;PR-3;4200;2500;30\n';

/** An expense or other income, with the fields that both ask for. */
async function recordMoney({ pages: { admin } }: Walk, list: '/gastos/' | '/ingresos/'): Promise<string> {
  await admin.goto(`${list}nuevo/`);
  await admin.locator('input[name="concepto"], input[name="descripcion"]').fill('Paper rolls');
  await admin.locator('input[name="monto"]').fill('12500');
  await admin.locator('main form button[type="submit"]').first().click();
  await admin.waitForURL((url) => !url.pathname.endsWith('/nuevo/'));
  return firstLink(admin, list);
}

async function uploadFile({ pages }: Walk): Promise<string> {
  const page = pages.admin;
  await page.goto('/configuracion/datos/importar/');
  await page.locator('input[name="tipo"]').first().check();
  await page.locator('input[name="archivo"]').setInputFiles({ name: 'goods.csv', mimeType: 'text/csv', buffer: Buffer.from(SHEET) });
  await page.locator('form[enctype] button[type="submit"]').click();
  await page.waitForURL('**/importar/archivo/**');
  return new URL(page.url()).pathname.replace(/\/$/, '');
}

async function reviewFile(walk: Walk): Promise<string> {
  await uploadFile(walk);
  const page = walk.pages.admin;
  await page.locator('main form button[type="submit"]').click();
  await page.waitForURL((url) => !url.pathname.includes('/archivo/'));
  return new URL(page.url()).pathname.replace(/\/$/, '');
}

/** One registration a server: more from one address are refused after a few. */
const registered = new WeakMap<Running, Promise<string>>();

function registerSomebody(walk: Walk): Promise<string> {
  const link = registered.get(walk.server) ?? register(walk);
  registered.set(walk.server, link);
  return link;
}

async function register({ server, pages }: Walk): Promise<string> {
  const page = pages.nobody;
  await page.goto('/registro/');
  const filled = { nombre_negocio: 'Corner', username: 'walker', email: 'walker@tienda.example', password1: 'lluvia sobre tejados', password2: 'lluvia sobre tejados' };
  for (const [name, value] of Object.entries(filled)) await page.locator(`input[name="${name}"]`).fill(value);
  await page.locator('form[action="/registro/"] button[type="submit"]').click();
  await page.getByText(filled.email).waitFor();
  return new URL(await linkMailedTo(server, filled.email)).pathname.replace(/\/$/, '');
}

async function letterToSomebody(walk: Walk): Promise<string> {
  await registerSomebody(walk);
  return firstLink(walk.pages.superuser, '/admin/correo/');
}

/** A route that a person of this kind is meant to see. */
function people(route: Route): readonly Person[] {
  if (route.who === 'anybody') return route.path === '/ventas/nueva/' ? ['seller', 'admin'] : ['nobody'];
  if (route.who === 'signed_in') return ['seller', 'superuser'];
  if (route.who === 'superuser') return ['superuser'];
  return ['admin', 'seller'];
}

const nameOf = (path: string): string => path.replaceAll(/\{[^}]+\}/g, 'uno').replaceAll('/', '-').replaceAll(/^-|-$/g, '') || 'inicio';

/** The example address of a route, or why there is none. */
async function addressOf(route: string, walk: Walk, found: Map<string, string>): Promise<string> {
  const prefix = Object.keys(EXAMPLES)
    .filter((pattern) => route === pattern || route.startsWith(`${pattern}/`))
    .toSorted((left, right) => right.length - left.length)[0];
  const example = prefix && EXAMPLES[prefix];
  if (!prefix || !example) throw new Error(`${route}: the walk knows no example; add one to EXAMPLES, or the reason to NOT_SCREENS (e2e/support/screens.ts)`);
  let address = found.get(prefix);
  if (address === undefined) {
    address = typeof example === 'function' ? await example(walk) : await firstLink(walk.pages[example.by], example.on);
    found.set(prefix, address);
  }
  return address + route.slice(prefix.length);
}

/** Whether this person is shown a page there; anything but a page or a refusal is a mistake of the lists above. */
async function shows(page: Page, path: string, person: Person): Promise<boolean> {
  const answer = await page.request.get(path, { maxRedirects: 0, headers: { accept: 'text/html' } });
  // A reader is led away from what is not theirs; that they are refused is the wall's test.
  if (answer.status() === 403 || answer.status() === 303) return false;
  // Of somebody else's sale a seller learns nothing.
  if (person === 'seller' && answer.status() === 404) return false;
  const kind = answer.headers()['content-type'] ?? '';
  if (!answer.ok() || !kind.startsWith('text/html')) {
    throw new Error(`${path}: GET answers ${answer.status()} ${kind}, which is no page; NOT_SCREENS is the place to say so (e2e/support/screens.ts)`);
  }
  return true;
}

/** Every screen of every person, with examples made on the way. */
export async function findScreens(walk: Walk): Promise<readonly Screen[]> {
  const routes = JSON.parse(await walk.server.command(['routes', '--json'])) as Route[];
  const found = new Map<string, string>();
  const screens: Screen[] = [];
  for (const route of routes) {
    if (route.method !== 'GET' || route.path in NOT_SCREENS) continue;
    const path = (route.path.includes('{') ? await addressOf(route.path, walk, found) : route.path) + (QUERIES[route.path] ?? '');
    for (const person of people(route)) {
      if (!(await shows(walk.pages[person], path, person))) continue;
      screens.push({ name: `${nameOf(route.path)}.${person}`, path, person, till: route.path === '/ventas/nueva/' });
    }
  }
  const gone = Object.keys(NOT_SCREENS).filter((path) => !routes.some((route) => route.path === path));
  if (gone.length > 0) throw new Error(`NOT_SCREENS names what the router has not: ${gone.join(', ')}`);
  return [...screens, ...MORE.map((more) => ({ name: `${more.name}.${more.person}`, path: more.path, person: more.person, till: false }))];
}

/** A person who runs the installation, made at the command line. */
export async function makeSuperuser(server: Running): Promise<Account> {
  const account = { username: 'ops', password: 'viento entre las palmas' };
  await server.command(['createsuperuser', '--username', account.username, '--password-stdin'], `${account.password}\n`);
  return account;
}
