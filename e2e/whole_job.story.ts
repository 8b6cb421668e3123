// The whole job of a shop's first day: registered, confirmed, the products of a real
// file brought in, a drawer opened, ten products sold by a scanner, one brought back;
// and the owner's page says exactly that, figure by figure and row by row.

import assert from 'node:assert/strict';

import type { Page } from 'playwright-core';

import type { Visitor } from './support/browser.ts';
import { amounts, cents, KeyboardScanner, openDrawer, payExactly, plain, takeRegister, unitsOnTicket, untilShown } from './support/counter.ts';
import { linkMailedTo, signIn } from './support/people.ts';
import type { Running } from './support/server.ts';
import { story } from './support/story.ts';

const owner = { username: 'marta', password: 'lluvia sobre tejados' };
const address = 'marta@tienda.example';
const SAMPLE = 'fixtures/third_party/online-retail-sample.xlsx';

/** The first row of each in the file, read off by hand: code, price in cents before tax. */
const GOODS = [
  ['85123A', 255],
  ['85099B', 208],
  ['47566', 495],
  ['20725', 145],
  ['22720', 495],
  ['23203', 208],
  ['84879', 169],
  ['22086', 295],
  ['21212', 55],
  ['22722', 829],
] as const;

type Code = (typeof GOODS)[number][0];

/** What each costs where the owner said so; the rest was never bought, and leaves at nothing until it is. */
const COSTS: Partial<Record<Code, number>> = { '85123A': 150, '47566': 300 };

/** Three customers: code and how often it is scanned. */
const SALES: readonly (readonly (readonly [Code, number])[])[] = [
  [['85123A', 3], ['85099B', 1], ['47566', 2], ['20725', 1]],
  [['22720', 1], ['23203', 2], ['84879', 1]],
  [['22086', 1], ['21212', 5], ['22722', 1]],
];

/** Brought back from the first sale. */
const RETURNED = { code: '47566', units: 1 } as const;

const priceOf = (code: Code): number => GOODS.find(([each]) => each === code)![1];
/** The price on the shelf: with 19 % of tax, half up, in cents. */
const shelf = (code: Code): number => Math.floor((priceOf(code) * 119 + 50) / 100);
/** What of a charged amount is not tax. */
const baseOf = (charged: number): number => Math.floor((charged * 200 + 119) / 238);

async function register(server: Running, visitor: Visitor): Promise<void> {
  const { page } = visitor;
  await page.goto('/registro/');
  await page.locator('input[name="nombre_negocio"]').fill('Regalos de Marta');
  await page.locator('input[name="username"]').fill(owner.username);
  await page.locator('input[name="email"]').fill(address);
  await page.locator('input[name="password1"]').fill(owner.password);
  await page.locator('input[name="password2"]').fill(owner.password);
  await page.locator('form[action="/registro/"] button[type="submit"]').click();
  await page.getByText(address).waitFor();
  const link = new URL(await linkMailedTo(server, address));
  assert.equal(link.origin, server.url);
  await page.goto(link.pathname);
  await page.locator('form[action^="/verificar-email/"] button[type="submit"]').click();
  await signIn(page, owner);
}

/** The figures of an import's page by their names. */
async function figuresOf(page: Page): Promise<Record<string, number>> {
  const [names, values] = await Promise.all([page.locator('dl.facts dt').allTextContents(), page.locator('dl.facts dd').allTextContents()]);
  return Object.fromEntries(names.map((name, at) => [plain(name), Number(plain(values[at] ?? '').replaceAll('.', ''))]));
}

async function importProducts({ page, ...visitor }: Visitor): Promise<void> {
  await page.goto('/configuracion/datos/importar/');
  await visitor.expectAccessible();
  await page.locator('input[name="archivo"]').setInputFiles(SAMPLE);
  await page.locator('main form button[type="submit"]').click();
  await page.waitForURL(/\/archivo\//);
  await visitor.expectAccessible();
  // What the headings say is guessed; what was sold in each row is not what is on hand.
  const chosen = await page.locator('main select[name^="columna_"]').evaluateAll((boxes) => boxes.map((box) => (box as unknown as { value: string }).value));
  assert.deepEqual(chosen, ['', 'sku', 'nombre', 'stock', '', 'precio', '', '']);
  await page.locator('select[name="columna_3"]').selectOption('');
  await visitor.shot('import-columns');
  await page.locator('main form button[type="submit"]').click();
  await page.waitForURL(/\/importar\/[0-9a-f-]{36}\//, { timeout: 60_000 });
  await visitor.expectAccessible();
  const review = await figuresOf(page);
  assert.equal(review['Filas'], 40_000);
  assert.equal(review['Nuevos'], (review['Filas'] ?? 0) - (review['Rechazadas'] ?? 0), JSON.stringify(review));
  await visitor.shot('import-review');
  await page.locator('form[action$="/aplicar/"] button').click();
  await page.locator('form[action$="/aplicar/"]').waitFor({ state: 'detached' });
  // A page that is reloaded says how far it is, until it is done.
  const end = performance.now() + 120_000;
  while ((await page.locator('progress').count()) > 0) {
    assert.ok(performance.now() < end, 'the import does not end');
    await page.getByRole('link', { name: 'Actualizar' }).click();
    await page.waitForLoadState('networkidle');
  }
  await visitor.shot('import-report');
  const [isDone] = await Promise.all([page.locator('.notice[data-tone="ok"]').count(), visitor.expectAccessible()]);
  assert.equal(isDone, 1);
  assert.equal((await figuresOf(page))['Nuevos'], review['Nuevos']);
}

async function productPage(page: Page, code: Code): Promise<string> {
  await page.goto(`/productos/?q=${code}`);
  const link = page.locator('main table a[href^="/productos/"]').first();
  return new URL((await link.getAttribute('href')) ?? '', page.url()).pathname;
}

/** What the owner has of two products, and what it cost. */
async function receiveStock(page: Page): Promise<void> {
  for (const [code, cost] of Object.entries(COSTS)) {
    await page.goto(`${await productPage(page, code as Code)}ajuste/`);
    await page.locator('input[name="modo"][value="entra"]').check();
    await page.locator('input[name="cantidad"]').fill('10');
    await page.locator('input[name="costo"]').fill(`${Math.floor(cost / 100)},${String(cost % 100).padStart(2, '0')}`);
    await page.locator('input[name="motivo"]').fill('Primera compra');
    await page.locator('main form[action$="/ajuste/"] button[type="submit"]').last().click();
    await page.waitForURL((url) => !url.pathname.endsWith('/ajuste/'));
  }
}

async function sellAll(visitor: Visitor): Promise<string[]> {
  const { page } = visitor;
  await takeRegister(page, 'Caja 1');
  await openDrawer(page, '50.000');
  await page.locator('.tile').first().waitFor();
  const scanner = await KeyboardScanner.on(page);
  const numbers: string[] = [];
  for (const sale of SALES) {
    let units = 0;
    for (const [code, times] of sale) {
      for (let round = 0; round < times; round += 1) {
        await page.locator('#buscar').focus();
        await scanner.scan(code);
        units += 1;
        const wanted = units;
        await untilShown(page.locator('.ticket .lines'), () => true, 'a ticket');
        const end = performance.now() + 5_000;
        while ((await unitsOnTicket(page)) !== wanted) {
          assert.ok(performance.now() < end, `${code} did not reach the ticket as unit ${wanted}`);
          await page.waitForTimeout(20);
        }
      }
    }
    const paid = await payExactly(page);
    // The till shows pesos, which is what can be handed over; the books keep the cents.
    assert.equal(paid.totalCents, Math.round(totalOf(sale) / 100) * 100, `the total of ${paid.number}`);
    assert.equal(paid.isOffline, false);
    numbers.push(paid.number);
  }
  await visitor.expectAccessible();
  return numbers;
}

const totalOf = (sale: (typeof SALES)[number]): number => sale.reduce((sum, [code, times]) => sum + shelf(code) * times, 0);

async function refundOne(page: Page, number: string): Promise<void> {
  await page.goto(`/ventas/?q=${number}`);
  await page.locator('main').getByRole('link', { name: number, exact: true }).first().click();
  await page.waitForURL(/\/ventas\/[0-9a-f-]{36}\//);
  await page.goto(`${new URL(page.url()).pathname}devolver/`);
  const line = SALES[0]!.findIndex(([code]) => code === RETURNED.code);
  await page.locator('fieldset.fields-row').nth(line).locator('input[inputmode="decimal"]').fill(String(RETURNED.units));
  await page.locator('input[name="motivo"]').fill('No era el color');
  const drawer = page.locator('select[name="caja"] option:not([value=""])');
  await page.locator('select[name="caja"]').selectOption((await drawer.first().getAttribute('value')) ?? '');
  await page.locator('main form[action$="/devolver/"] button[type="submit"]').last().click();
  await page.waitForURL((url) => !url.pathname.endsWith('/devolver/'));
}

/** What the day came to, in cents, by the rules on paper. */
function figures(): { sold: number; base: number; refunded: number; profit: number } {
  const totals = SALES.map(totalOf);
  const line = SALES[0]!.find(([code]) => code === RETURNED.code)!;
  const refunded = shelf(RETURNED.code) * RETURNED.units;
  const [firstLines, ...otherTotals] = [SALES[0]!, ...totals.slice(1)];
  // The base of the first sale is shared over its lines by largest remainder, ties to the first.
  const shares = shared(baseOf(totalOf(firstLines)), firstLines.map(([code, times]) => shelf(code) * times));
  const lineBase = shares[firstLines.indexOf(line)]!;
  const refundedBase = Math.round((lineBase * RETURNED.units) / line[1]);
  const base = baseOf(totalOf(firstLines)) + otherTotals.map(baseOf).reduce((sum, each) => sum + each, 0) - refundedBase;
  const left = SALES.flat().reduce((sum, [code, times]) => sum + (COSTS[code] ?? 0) * times, 0);
  const cost = left - COSTS[RETURNED.code]! * RETURNED.units;
  return { sold: totals.reduce((sum, each) => sum + each, 0) - refunded, base, refunded, profit: base - cost };
}

function shared(whole: number, weights: readonly number[]): number[] {
  const sum = weights.reduce((total, weight) => total + weight, 0);
  const shares = weights.map((weight) => Math.floor((whole * weight) / sum));
  const left = whole - shares.reduce((total, share) => total + share, 0);
  const order = weights.map((weight, at) => ({ at, rest: (whole * weight) % sum })).sort((a, b) => b.rest - a.rest || a.at - b.at);
  for (const { at } of order.slice(0, left)) shares[at]! += 1;
  return shares;
}

/** The rows behind a figure: the sum on top, and what the rows below add up to. */
async function rowsOf(page: Page, column: number): Promise<{ sum: number; rows: number[] }> {
  const cells = await page.locator(`main tbody tr > *:nth-child(${column})`).allTextContents();
  const [sum = 0, ...rows] = cells.map((cell) => cents(plain(cell)));
  return { sum, rows };
}

const add = (all: readonly number[]): number => all.reduce((sum, each) => sum + each, 0);

async function findFigures(visitor: Visitor): Promise<void> {
  const { page } = visitor;
  const wanted = figures();
  await page.goto('/dashboard/');
  await visitor.expectAccessible();
  await visitor.shot('whole-job-dashboard');
  const [sold, profit] = await page.locator('.stats .stat').all();
  assert.ok(sold !== undefined && profit !== undefined);
  assert.equal(cents((await sold.locator('.stat-figure').textContent()) ?? ''), wanted.sold, 'sold today');
  const words = plain(await sold.locator('.stat-words').textContent());
  assert.match(words, /en 3 ventas\./);
  assert.deepEqual(amounts(words), [wanted.sold - wanted.base, wanted.refunded], 'tax and refunds of today');
  assert.equal(cents((await profit.locator('.stat-figure').textContent()) ?? ''), wanted.profit, 'profit of today');
  const period = page.locator('section[aria-labelledby="h-periodo"]');
  assert.deepEqual(amounts(plain(await period.locator('p.lede').textContent())), [wanted.sold], 'sold in seven days');
  assert.deepEqual(amounts(plain(await period.locator('p.quiet').first().textContent())), [wanted.base, wanted.sold - wanted.base, wanted.refunded]);

  await sold.click();
  await page.waitForURL(/\/filas\/ventas\//);
  await visitor.expectAccessible();
  const documents = await rowsOf(page, 5);
  assert.equal(documents.sum, wanted.sold);
  assert.deepEqual([...documents.rows].sort((a, b) => a - b), [...SALES.map(totalOf), -wanted.refunded].sort((a, b) => a - b));
  const bases = await rowsOf(page, 3);
  assert.equal(bases.sum, wanted.base);
  assert.equal(add(bases.rows), wanted.base);

  // Nothing was spent and nothing earned besides: the account ends with what the sales left.
  await page.goto('/dashboard/');
  await page.locator('.stats .stat').nth(1).click();
  await page.waitForURL(/\/filas\/ganancia\//);
  await visitor.expectAccessible();
  assert.equal(cents((await page.locator('main tbody tr').last().locator('td').first().textContent()) ?? ''), wanted.profit, 'the account of the profit');

  await page.goto('/dashboard/');
  await page.locator('section[aria-labelledby="h-top"] a[href*="/filas/productos/"]').click();
  await page.waitForURL(/\/filas\/productos\//);
  await visitor.expectAccessible();
  const products = await rowsOf(page, 6);
  assert.equal(products.sum, wanted.sold);
  assert.equal(add(products.rows), wanted.sold);
  assert.equal(products.rows.length, GOODS.length);
  const profits = await rowsOf(page, 5);
  assert.equal(profits.sum, wanted.profit);
  assert.equal(add(profits.rows), wanted.profit, 'the profits of the rows');
}

story(
  'a shop registers, imports a real file, sells ten products by scanner, takes one back and finds its figures',
  async ({ server, visitor }) => {
    await register(server, visitor);
    await importProducts(visitor);
    await receiveStock(visitor.page);
    visitor.expectQuiet();
    const numbers = await sellAll(visitor);
    visitor.expectQuiet();
    await refundOne(visitor.page, numbers[0] ?? '');
    await findFigures(visitor);
    assert.match(await server.command(['verify']), /\d/);
  },
  ['sqlite', 'postgres'],
);
