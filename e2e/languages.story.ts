// In English and in Portuguese no Spanish is left: every screen, as the people of a shop
// whose own data are English see it, against words that only Spanish has.

import assert from 'node:assert/strict';

import type { Page } from 'playwright-core';

import type { Visitor } from './support/browser.ts';
import { signIn } from './support/people.ts';
import { findScreens, makeSuperuser, type Person } from './support/screens.ts';
import type { Account, Running } from './support/server.ts';
import { story } from './support/story.ts';
import { TILL_STATES } from './support/till-states.ts';

const ADMIN: Account = { username: 'rose', password: 'rain over tin roofs' };
const PASSWORD = 'wind in the palm trees';

/**
 * Words of Spanish alone, in small letters; what a shop is given in Spanish when it is
 * made (`Efectivo`, `Caja 1`) is data and none of them. Portuguese shares many words
 * with Spanish, so that its list is shorter.
 */
const ENGLISH_LACKS = /(?<![\p{L}-])(el|la|los|las|un|una|de|del|y|o|en|con|sin|por|para|que|se|su|tu|tus|al|lo|más|hoy|ayer|hace|aún|ventas?|productos?|clientes?|negocio|usuarios?|contraseña|guardar|buscar|precio|existencias|importar|cobrar|vender|devolver|anular|entrar|salir|nuevo|nueva|código|nombre|cantidad|fecha|resumen)(?!\p{L})|[¿¡ñ]/iu;
const PORTUGUESE_LACKS = /(?<![\p{L}-])(el|los|las|una|del|y|en|con|sin|hoy|ayer|hace|aún|más|su|tu|tus|lo|ventas?|productos?|negocio|usuarios?|contraseña|buscar|precio|existencias|devolver|nombre|cantidad|fecha|resumen|nueva|nuevo)(?!\p{L})|[¿¡ñ]/iu;

/** What the shop was given when it was made, and names that belong to nobody's language. */
const DATA = ['Caja 1', 'Efectivo', 'Transferencia', 'Tarjeta', 'Fiado', 'Consumidor final', 'Español', 'Oficina', 'Importación'];

const PRODUCTS = 'name;sku;price;cost;stock\nWalnuts 200 g;PR-1;8500;5200;12\nSea salt;PR-2;1800;900;40\nTea bags;PR-3;4200;2500;30\n';
const CUSTOMERS = 'name;phone\nGrace Hill;300 555 0101\nOliver Wood;300 555 0102\n';

/** Every text of the page as it is read: nodes, and what labels and placeholders say. */
function texts(page: Page): Promise<readonly string[]> {
  return page.evaluate(() => {
    const found: string[] = [document.title];
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
      const text = (walker.currentNode.textContent ?? '').replaceAll(/\s+/g, ' ').trim();
      if (text !== '' && !walker.currentNode.parentElement?.closest('script, style, template, code, [lang]:not(html)')) found.push(text);
    }
    for (const element of document.querySelectorAll('[aria-label], [placeholder], [title], [alt]')) {
      for (const name of ['aria-label', 'placeholder', 'title', 'alt']) found.push(element.getAttribute(name) ?? '');
    }
    return found;
  });
}

async function foreign(page: Page, lacks: RegExp): Promise<readonly string[]> {
  const isOurs = (text: string): boolean => lacks.test(DATA.reduce((left, word) => left.replaceAll(word, ''), text));
  return [...new Set((await texts(page)).filter(isOurs))];
}

async function shopOf(server: Running): Promise<Readonly<Record<Exclude<Person, 'nobody'>, Account>>> {
  const shop = (await server.command(['createshop', '--name', 'Corner Shop', '--username', ADMIN.username, '--password-stdin'], `${ADMIN.password}\n`)).trim();
  await server.command(['createmember', '--shop', shop, '--role', 'vendedor', '--username', 'sam', '--password-stdin'], `${PASSWORD}\n`);
  return { admin: ADMIN, seller: { username: 'sam', password: PASSWORD }, superuser: await makeSuperuser(server) };
}

/** Imports on the screen, as `screens.ts` does for its example. */
async function bring(page: Page, kind: number, text: string): Promise<void> {
  await page.goto('/configuracion/datos/importar/');
  await page.locator('input[name="tipo"]').nth(kind).check();
  await page.locator('input[name="archivo"]').setInputFiles({ name: 'goods.csv', mimeType: 'text/csv', buffer: Buffer.from(text) });
  await page.locator('form[enctype] button[type="submit"]').click();
  await page.waitForURL('**/importar/archivo/**');
  await page.locator('main form button[type="submit"]').click();
  await page.waitForURL((url) => !url.pathname.includes('/archivo/'));
  const address = page.url();
  await page.locator('form[action$="/aplicar/"] button').click();
  // It is applied by a job; the page says so until it is done.
  await assert.doesNotReject(async () => {
    for (;;) {
      await page.goto(address);
      if ((await page.locator('progress, form[action$="/aplicar/"]').count()) === 0) return;
      await page.waitForTimeout(100);
    }
  });
}

async function walkTill(page: Page, lacks: RegExp, code: string): Promise<readonly string[]> {
  const found: string[] = [];
  for (const state of TILL_STATES) {
    await state.reach(page);
    for (const words of await foreign(page, lacks)) found.push(`${code} till ${state.name}: ${words}`);
  }
  return found;
}

async function walkPages(server: Running, people: Readonly<Record<Person, Visitor>>, lacks: RegExp, code: string): Promise<readonly string[]> {
  const pages = { nobody: people.nobody.page, seller: people.seller.page, admin: people.admin.page, superuser: people.superuser.page };
  const found: string[] = [];
  for (const screen of await findScreens({ server, pages })) {
    // The components show every state of every part, in the words of the mock.
    if (screen.till || screen.path === '/admin/componentes/') continue;
    const page = pages[screen.person];
    await page.goto(screen.path);
    const said = (await page.locator('html').getAttribute('lang')) ?? '';
    assert.ok(said.startsWith(code), `${screen.path} is in ${said} and not in ${code}`);
    for (const words of await foreign(page, lacks)) found.push(`${code} ${screen.name}: ${words}`);
  }
  return found;
}

story('no Spanish is left in English and in Portuguese', async ({ server, another }) => {
  const accounts = await shopOf(server);
  const found: string[] = [];
  for (const [code, lacks] of [['en', ENGLISH_LACKS], ['pt', PORTUGUESE_LACKS]] as const) {
    const come = async (person: Person): Promise<Visitor> => {
      const visitor = await another({ locale: code });
      if (person !== 'nobody') await signIn(visitor.page, accounts[person]);
      return visitor;
    };
    const people = { nobody: await come('nobody'), seller: await come('seller'), admin: await come('admin'), superuser: await come('superuser') };
    if (code === 'en') {
      await bring(people.admin.page, 0, PRODUCTS);
      await bring(people.admin.page, 1, CUSTOMERS);
    }
    // First the till, which makes the sale that the pages show. It speaks the language of the
    // shop, here Spanish, whoever stands at it: what it says is not judged.
    await walkTill(people.admin.page, lacks, code);
    found.push(...(await walkPages(server, people, lacks, code)));
    // A page that is not there says so in the browser's console too.
    for (const { complaints } of Object.values(people)) complaints.splice(0, complaints.length, ...complaints.filter((each) => !/status of (404|400)/.test(each)));
  }
  assert.deepEqual(found, []);
});
