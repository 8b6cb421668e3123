// An admin changes a tax while a till is open, and turns on prices that include tax:
// the open ticket follows, and the customer pays what the shelf says.

import type { Page } from 'playwright-core';

import { linkMailedTo, signIn } from './support/people.ts';
import { story } from './support/story.ts';

const marta = { username: 'marta', password: 'lluvia sobre tejados' };
const address = 'marta@tienda.example';

async function save(page: Page): Promise<void> {
  await page.locator('.save-bar button[type="submit"]').click();
}

/** The till asks for news when somebody comes back to it. */
async function comeBack(till: Page): Promise<void> {
  await till.evaluate(() => document.dispatchEvent(new Event('visibilitychange')));
}

async function expectTotal(till: Page, amount: string): Promise<void> {
  await till.locator('.total output').filter({ hasText: amount }).waitFor();
}

story('an admin changes a tax and what prices mean, and the open till prices with it', async ({ server, visitor }) => {
  const { page } = visitor;
  await page.goto('/registro/');
  await page.locator('input[name="nombre_negocio"]').fill('Tienda La Esquina');
  await page.locator('input[name="username"]').fill(marta.username);
  await page.locator('input[name="email"]').fill(address);
  await page.locator('input[name="password1"]').fill(marta.password);
  await page.locator('input[name="password2"]').fill(marta.password);
  await page.locator('form[action="/registro/"] button[type="submit"]').click();
  await page.goto(new URL(await linkMailedTo(server, address)).pathname);
  await page.locator('form[action^="/verificar-email/"] button[type="submit"]').click();
  await signIn(page, marta);

  // The first steps lead to the settings.
  await page.locator('#guia').waitFor();
  await visitor.expectAccessible();
  await visitor.shot('first-steps');
  await page.locator('.guide a[href="/configuracion/negocio/"]').click();
  await page.locator('select[name="pais"]').waitFor();
  await visitor.expectAccessible();
  await page.locator('form[action="/configuracion/negocio/pais/"] button[type="submit"]').click();
  await page.locator('.toast').waitFor();

  await page.goto('/productos/nuevo/');
  await page.locator('input[name="nombre"]').fill('Arroz 500 g');
  await page.locator('input[name="codigo_de_barras"]').fill('7700000000017');
  await page.locator('input[name="precio"]').fill('1.000');
  await page.locator('input[name="stock"]').fill('24');
  await page.locator('.save-bar button[data-kind="main"]').click();
  await page.waitForURL('**/productos/');

  // A till with rice on its ticket: 1,000 and 19 %.
  const till = await page.context().newPage();
  await till.goto('/ventas/nueva/');
  await till.locator('.choice').first().click();
  await till.locator('.room-card form button[type="submit"]').click();
  await till.locator('#buscar').waitFor();
  await till.locator('.tile').first().waitFor();
  await till.locator('#buscar').fill('7700000000017');
  await till.locator('#buscar').press('Enter');
  await expectTotal(till, '1.190');

  // Another rate: the ticket that is open follows.
  await page.goto('/configuracion/');
  await visitor.expectAccessible();
  await page.locator('main a[href="/configuracion/impuestos/"]').click();
  await page.getByRole('link', { name: 'IVA 19 %' }).click();
  await page.locator('input[name="tasa_1"]').fill('100,5');
  await save(page);
  await page.locator('#tasa_1[aria-invalid="true"]').waitFor();
  await visitor.expectAccessible();
  await page.locator('input[name="nombre"]').fill('IVA general');
  await page.locator('input[name="tasa_1"]').fill('21');
  await save(page);
  await page.locator('.toast').getByText('IVA general').waitFor();
  await visitor.expectAccessible();
  await comeBack(till);
  await expectTotal(till, '1.210');

  // Prices begin to include tax: the list first, and the customer pays the same.
  await page.locator('main a[href="/configuracion/impuestos/precios/"]').click();
  await page.locator('#lista').waitFor();
  await visitor.expectAccessible();
  await visitor.shot('price-switch');
  await page.locator('form:has(input[name="mantener"]) button[type="submit"]').click();
  await page.getByText('Los precios incluyen impuestos.').first().waitFor();
  const pulled = till.waitForResponse((response) => response.url().includes('/api/v1/till/catalog'));
  await comeBack(till);
  await pulled;
  await expectTotal(till, '1.210');
  await till.locator('#buscar').fill('7700000000017');
  await till.locator('#buscar').press('Enter');
  await expectTotal(till, '2.420');
  await till.keyboard.press('F9');
  await till.keyboard.press('F9');
  await till.locator('.paid-panel').waitFor();

  await page.goto('/ventas/');
  await page.locator('main').getByText('2.420').first().waitFor();
  await page.goto('/productos/');
  await page.locator('main').getByText('1.210').first().waitFor();

  // The rest of the settings, looked at.
  for (const path of ['negocio/', 'impuestos/nuevo/', 'cajas/', 'cajas/nueva/', 'pagos/', 'pagos/nueva/']) {
    await page.goto(`/configuracion/${path}`);
    await visitor.expectAccessible();
  }
  await page.goto('/configuracion/cajas/');
  await page.getByRole('link', { name: 'Caja 1' }).click();
  await page.getByText('Vende aquí').waitFor();
  await visitor.expectAccessible();
});
