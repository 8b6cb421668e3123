// An owner looks at what was sold: the list and its filters, a sale, its paper, a part
// that comes back, a sale undone; and at what the shop spends, which no sale shows.
//
// Stock, figures and lists are read before and after: what comes back comes back exactly.

import assert from 'node:assert/strict';

import type { Page } from 'playwright-core';

import { signIn } from './support/people.ts';
import { demoStory } from './support/story.ts';

/** An amount as a page writes it, in hundredths: `− $ 12.500,50`. */
function minor(text: string): number {
  const [whole = '', cents = ''] = text.split(',');
  const digits = (part: string): string => part.replaceAll(/\D/g, '');
  const value = Number(digits(whole)) * 100 + Number(digits(cents).padEnd(2, '0'));
  return text.includes('−') ? -value : value;
}

async function text(page: Page, selector: string): Promise<string> {
  return (await page.locator(selector).first().innerText()).trim();
}

/** What is left of a product, by the first line of its kardex. */
async function onHand(page: Page, product: string): Promise<string> {
  await page.goto(`${product}kardex/`);
  return text(page, 'tbody tr:first-child td:last-child');
}

/** The account of today: each row's name and amount. */
async function account(page: Page, today: string): Promise<ReadonlyMap<string, number>> {
  await page.goto(`/dashboard/filas/ganancia/?desde=${today}&hasta=${today}`);
  const rows = await page.locator('tbody tr').all();
  const read = rows.map(async (row): Promise<[string, number]> => {
    return [(await row.locator('th').innerText()).trim(), minor(await row.locator('td').first().innerText())];
  });
  return new Map(await Promise.all(read));
}

/** The first sale of the list as it stands that has a product with stock, and was not touched. */
async function openSale(page: Page, address: string): Promise<{ href: string; label: string }> {
  await page.goto(address);
  const link = page.locator('tbody tr th a').first();
  const [href, label] = [await link.getAttribute('href'), await link.innerText()];
  assert.ok(href);
  await page.goto(href);
  return { href, label };
}

demoStory('an owner finds a sale, prints it again, takes a part back and undoes another', async ({ server, visitor }) => {
  const { page } = visitor;
  await signIn(page, server.people.admin);
  await page.goto('/ventas/');
  await visitor.expectAccessible();
  // Three months of sales are more than are counted for a filter.
  const [transfer, cash] = await page.locator('select[name="forma_pago"] option').evaluateAll((options) => {
    const value = (name: string): string => (options as HTMLOptionElement[]).find((option) => option.label === name)?.value ?? '';
    return [value('Transferencia'), value('Efectivo')];
  });
  assert.ok(transfer && cash);
  await page.goto(`/ventas/?forma_pago=${cash}`);
  assert.match(await text(page, '.pagination'), /1\.000\+/);
  await page.getByRole('link', { name: 'Siguiente' }).click();
  await page.waitForURL(/cursor=/);
  assert.match(page.url(), new RegExp(`forma_pago=${cash}`));

  // By number and by customer; the filter stays in the address.
  const { href, label } = await openSale(page, `/ventas/?forma_pago=${transfer}&estado=completas`);
  await page.goto('/ventas/');
  await page.locator('input[name="q"]').fill(label);
  await page.waitForURL(/q=/);
  assert.equal(await page.locator('tbody tr').count(), 1);
  await page.goto('/ventas/?q=gloria');
  await page.locator('tbody tr').first().waitFor();
  for (const name of await page.locator('tbody tr td:nth-of-type(2)').allInnerTexts()) assert.match(name, /Gloria/);

  // The paper says that it is a copy, and prints without the page around it.
  await page.goto(`${href}recibo/`);
  assert.equal(await text(page, '.paper .copy'), 'COPIA');
  await page.emulateMedia({ media: 'print' });
  for (const around of ['button[data-print]', '.debug-banner']) assert.equal(await page.locator(around).isVisible(), false, around);
  await visitor.shot('receipt-print');
  await page.emulateMedia({ media: 'screen' });
  await visitor.expectAccessible();

  const today = await page.evaluate(() => new Intl.DateTimeFormat('en-CA', { timeZone: 'America/Bogota' }).format(Date.now()));
  const before = await account(page, today);

  // A part comes back: one unit of the first line, by the means it was paid with.
  await page.goto(href);
  await visitor.expectAccessible();
  await visitor.shot('sale');
  const product = await page.locator('tbody tr th a[href^="/productos/"]').first().getAttribute('href');
  assert.ok(product);
  const stock = await onHand(page, product);
  await page.goto(`${href}devolver/`);
  await visitor.expectAccessible();
  await page.locator('button[type="submit"][data-kind="main"]').click();
  await page.locator('[role="alert"]').waitFor();
  const left = await text(page, '.group .affix');
  await page.locator('input[name="cantidad_0"]').fill(/[\d.,]+/.exec(left)?.[0] ?? '');
  await page.locator('input[name="motivo"]').fill('Salió dañado');
  await page.locator('button[type="submit"][data-kind="main"]').click();
  await page.waitForURL((url) => url.pathname === href);
  await page.getByText('Salió dañado').waitFor();
  await visitor.shot('sale-refunded');
  assert.notEqual(await onHand(page, product), stock);

  // Whatever is left of it comes back as well, and then the sale is as if it had not been.
  await page.goto(href);
  if ((await page.locator(`a[href="${href}devolver/"]`).count()) > 0) {
    await page.goto(`${href}devolver/`);
    for (const field of await page.locator('input[name^="cantidad_"]').all()) {
      const unit = await field.locator('xpath=following-sibling::span').innerText();
      await field.fill(/[\d.,]+/.exec(unit)?.[0] ?? '');
    }
    await page.locator('input[name="motivo"]').fill('Todo vuelve');
    await page.locator('button[type="submit"][data-kind="main"]').click();
    await page.waitForURL((url) => url.pathname === href);
  }
  await page.getByText('Se devolvieron todos los productos.').waitFor();
  const total = minor(await text(page, '.facts dd strong'));
  const base = minor(await text(page, '.facts dd'));
  assert.ok(total >= base && base > 0);
  const after = await account(page, today);
  assert.equal((before.get('Ventas sin impuestos') ?? 0) - (after.get('Ventas sin impuestos') ?? 0), base);

  // Another sale is undone whole, with a reason, and its paper says so.
  const other = await openSale(page, `/ventas/?forma_pago=${transfer}&estado=completas`);
  await page.goto(`${other.href}anular/`);
  await visitor.expectAccessible();
  await page.locator('button[type="submit"][data-kind="destroy"]').click();
  await page.locator('[role="alert"]').waitFor();
  await page.locator('input[name="motivo"]').fill('Se cobró dos veces');
  await page.locator('button[type="submit"][data-kind="destroy"]').click();
  await page.waitForURL((url) => url.pathname === other.href);
  assert.equal(await page.locator(`a[href="${other.href}anular/"]`).count(), 0);
  await page.goto(`${other.href}recibo/`);
  await page.getByText('ANULADA').waitFor();
  await page.goto('/ventas/?estado=anuladas');
  await page.getByText(other.label, { exact: true }).waitFor();
  assert.match(await server.command(['verify']), /./);
});

demoStory('an owner writes down what the shop spends and sees what is left', async ({ server, visitor, another }) => {
  const { page } = visitor;
  await signIn(page, server.people.admin);
  const today = await page.evaluate(() => new Intl.DateTimeFormat('en-CA', { timeZone: 'America/Bogota' }).format(Date.now()));
  const before = await account(page, today);
  await page.goto('/gastos/');
  await visitor.expectAccessible();
  await visitor.shot('expenses');
  await page.locator('a[href="/gastos/nuevo/"]').first().click();
  await page.waitForURL(/nuevo/);
  await visitor.expectAccessible();
  await page.locator('input[name="concepto"]').fill('Arreglo de la nevera');
  await page.locator('input[name="monto"]').fill('0');
  await page.locator('select[name="forma_pago"]').selectOption({ label: 'Transferencia' });
  await page.locator('button[type="submit"][data-kind="main"]').click();
  await page.locator('[role="alert"]').waitFor();
  assert.equal(await page.locator('input[name="concepto"]').inputValue(), 'Arreglo de la nevera');
  await visitor.expectAccessible();
  await visitor.shot('expense-refused');
  await page.locator('input[name="monto"]').fill('85.000');
  await page.locator('button[type="submit"][data-kind="main"]').click();
  await page.waitForURL(/\/gastos\/[0-9a-f-]{36}\/$/);
  const expense = new URL(page.url()).pathname;
  await visitor.expectAccessible();
  await visitor.shot('expense');
  const spent = await account(page, today);
  assert.equal((spent.get('Gastos') ?? 0) - (before.get('Gastos') ?? 0), -8_500_000);
  assert.equal((spent.get('Ganancia neta') ?? 0) - (before.get('Ganancia neta') ?? 0), -8_500_000);
  assert.equal(spent.get('Ganancia bruta'), before.get('Ganancia bruta'));

  // The figure opens its rows, and they add up to it.
  await page.locator('tbody a[href^="/gastos/"]').click();
  await page.waitForURL(/\/gastos\/\?desde/);
  const amounts = (await page.locator('tbody td.num').allInnerTexts()).map(minor);
  assert.equal(-amounts.reduce((sum, amount) => sum + amount, 0), spent.get('Gastos'));

  await page.goto(`${expense}anular/`);
  await visitor.expectAccessible();
  await page.locator('input[name="motivo"]').fill('La garantía lo cubrió');
  await page.locator('button[type="submit"][data-kind="destroy"]').click();
  await page.waitForURL((url) => url.pathname === expense);
  await page.getByText('La garantía lo cubrió').waitFor();
  assert.deepEqual(await account(page, today), before);

  await page.goto('/ingresos/nuevo/');
  await visitor.expectAccessible();
  await page.locator('input[name="descripcion"]').fill('Domicilio a la calle 8');
  await page.locator('input[name="monto"]').fill('5.000');
  await page.locator('button[type="submit"][data-kind="main"]').click();
  await page.waitForURL(/\/ingresos\/[0-9a-f-]{36}\/$/);
  await visitor.expectAccessible();
  await page.goto('/ingresos/');
  await visitor.expectAccessible();
  await visitor.shot('other-income');
  const earned = await account(page, today);
  assert.equal((earned.get('Ganancia bruta') ?? 0) - (before.get('Ganancia bruta') ?? 0), 500_000);
  await visitor.expectAccessible();
  await page.goto('/dashboard/?periodo=mes');
  await visitor.expectAccessible();
  await visitor.shot('summary-month');

  // On a phone, in the dark; and a seller has no way in.
  const phone = await another({ viewport: { width: 390, height: 844 }, colorScheme: 'dark' });
  await signIn(phone.page, server.people.admin);
  // What the bar at the foot has no room for is behind its last place.
  await phone.page.locator('.bottombar a[href="/perfil/"]').click();
  await phone.page.waitForURL(/perfil/);
  await phone.expectAccessible();
  await phone.shot('phone-dark-more');
  await phone.page.locator('.rest a[href="/gastos/"]').click();
  await phone.page.waitForURL(/gastos/);
  for (const [name, address] of [['summary', '/dashboard/'], ['expenses', '/gastos/'], ['expense-new', '/gastos/nuevo/'], ['profit', '/dashboard/filas/ganancia/'], ['expense', expense]] as const) {
    await phone.page.goto(address);
    await phone.expectAccessible();
    await phone.shot(`phone-dark-${name}`);
  }
  const seller = await another();
  await signIn(seller.page, server.people.seller);
  await seller.page.goto('/gastos/');
  assert.equal(new URL(seller.page.url()).pathname, '/ventas/');
});
