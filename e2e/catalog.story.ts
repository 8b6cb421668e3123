// The catalogue as two people live it: a product with a photo, found without accents,
// changed by both at once, counted, sold out of, taken away and brought back. And its
// photo stays on the till when the server is gone.

import assert from 'node:assert/strict';

import type { Page } from 'playwright-core';

import { signIn } from './support/people.ts';
import { story } from './support/story.ts';

const word = 'lluvia sobre tejados';
const marta = { username: 'marta', password: word };
const luis = { username: 'luis', password: word };

/** A photo as a telephone takes it, drawn by the browser itself. */
async function photo(page: Page, hue: number): Promise<{ name: string; mimeType: string; buffer: Buffer }> {
  const address = await page.evaluate((hue) => {
    const canvas = document.createElement('canvas');
    [canvas.width, canvas.height] = [900, 1200];
    const context = canvas.getContext('2d');
    if (!context) throw new Error('the browser draws nothing');
    context.fillStyle = `hsl(${hue} 60% 50%)`;
    context.fillRect(0, 0, 900, 1200);
    return canvas.toDataURL('image/jpeg', 0.9);
  }, hue);
  return { name: 'IMG_2041.jpg', mimeType: 'image/jpeg', buffer: Buffer.from(address.slice(address.indexOf(',') + 1), 'base64') };
}

/** Presses the form's own button and waits until the page says what became of it. */
async function save(page: Page, said: string): Promise<void> {
  await page.locator('.save-bar button[data-kind="main"]').click();
  await page.getByText(said).first().waitFor();
}

/** Whether the picture was really fetched and decoded. */
async function isShown(page: Page, selector: string): Promise<void> {
  await page.locator(selector).first().waitFor();
  await page.waitForFunction((selector) => {
    const picture = document.querySelector(selector);
    return picture instanceof HTMLImageElement && picture.complete && picture.naturalWidth > 0;
  }, selector);
}

async function create(page: Page): Promise<void> {
  await page.goto('/productos/nuevo/');
  await page.locator('#nombre').fill('Café Águila Roja 250 g');
  await page.locator('#categoria').fill('Cafetería');
  await page.locator('#categoria-new').click();
  await page.locator('#codigo_de_barras').fill('7702032253012');
  await page.locator('#precio_compra').fill('7.900');
  await page.locator('#precio').fill('10.9OO');
  await page.locator('#stock').fill('12');
  await page.locator('#minimo').fill('6');
  await page.locator('#favorito').check();
  // A file that only claims to be a photo is refused beside its field, with the price.
  await page.locator('#foto_archivo').setInputFiles({ name: 'foto.jpg', mimeType: 'image/jpeg', buffer: Buffer.from('<html>') });
  await save(page, 'Esto no es una foto');
  assert.equal(await page.locator('[aria-invalid="true"]').count(), 2);
  assert.equal(await page.locator('#categoria').inputValue(), 'Cafetería');
  // A good one stays with the form while the price is still wrong.
  await page.locator('#foto_archivo').setInputFiles(await photo(page, 25));
  await page.locator('[data-photo-frame] canvas').waitFor();
  await page.locator('.save-bar button[data-kind="main"]').click();
  await isShown(page, '[data-photo-frame] img');
  await page.getByRole('button', { name: 'Agregar código' }).click();
  await page.locator('#codigos_1').fill('17702032253019');
  await page.locator('#codigos_1_contiene').fill('24');
  await page.locator('#codigos_1_precio').fill('249.000');
  await page.locator('#precio').fill('10.900');
  await save(page, 'Café Águila Roja 250 g, creado.');
}

async function open(page: Page, typed: string): Promise<string> {
  await page.goto('/productos/');
  await page.locator('#q').pressSequentially(typed);
  await page.waitForURL((url) => url.searchParams.get('q') === typed);
  await page.locator('.name a', { hasText: 'Café Águila Roja 250 g' }).click();
  await page.locator('#nombre').waitFor();
  return new URL(page.url()).pathname;
}

story(
  'a product is created with its photo, found, changed by two people, adjusted and put aside',
  async ({ server, visitor, another }) => {
    await server.command(['createshop', '--name', 'La Esquina', '--username', marta.username, '--password-stdin'], `${word}\n`);
    await server.command(['createmember', '--shop', 'La Esquina', '--role', 'admin', '--username', luis.username, '--password-stdin'], `${word}\n`);
    const { page } = visitor;
    await signIn(page, marta);
    await create(page);
    await isShown(page, '.thumb img');
    await visitor.expectAccessible();
    await visitor.shot('products');

    const path = await open(page, 'cafe aguila');
    await isShown(page, '[data-photo-frame] img');
    assert.equal(await page.locator('#codigos_1_contiene').inputValue(), '24');
    await visitor.expectAccessible();
    await visitor.shot('product');

    // Two people change the price at once; the second sees both and decides.
    const other = await another({ viewport: { width: 390, height: 844 } });
    await signIn(other.page, luis);
    await other.page.goto(path);
    await other.page.locator('#precio').fill('11.500');
    await save(other.page, 'guardado.');
    await page.locator('#precio').fill('11.900');
    await save(page, 'ahora dice «11.500», tú escribiste «11.900»');
    await visitor.expectAccessible();
    await save(page, 'guardado.');
    await page.goto(`${path}precios/`);
    assert.deepEqual(await page.locator('tbody td strong, tbody td[data-lead]').evaluateAll((cells) => cells.map((cell) => cell.textContent?.trim())).then((all) => [...new Set(all)]), ['11.900', '11.500', '10.900']);
    await visitor.expectAccessible();

    await page.goto(`${path}ajuste/`);
    await page.locator('input[name="modo"][value="sale"]').check();
    await page.locator('#cantidad').fill('3');
    await save(page, 'Escribe este dato.');
    assert.equal(await page.locator('#cantidad').inputValue(), '3');
    await page.locator('#motivo').fill('Se mojaron tres bolsas');
    await page.locator('.save-bar button[data-kind="main"]').click();
    await page.waitForURL(`**${path}kardex/`);
    const newest = page.locator('tbody tr').first();
    await newest.getByText('Se mojaron tres bolsas').waitFor();
    assert.equal(await newest.locator('td').last().textContent(), '9');
    assert.equal(await page.locator('tbody tr').count(), 2);
    await visitor.expectAccessible();

    // It has a history now: it is put aside and not deleted.
    await page.goto(path);
    assert.equal(await page.getByRole('button', { name: 'Borrar' }).count(), 0);
    await page.getByRole('button', { name: 'Desactivar' }).click();
    await page.getByText('desactivado.').waitFor();
    assert.equal(await page.locator('.name a').count(), 0);
    await page.goto('/productos/?estado=inactivos');
    await page.locator('.name a').click();
    await page.getByRole('button', { name: 'Reactivar' }).click();
    await page.getByText('de nuevo a la venta.').waitFor();

    for (const address of ['/productos/', path, `${path}kardex/`, `${path}precios/`, `${path}ajuste/`, '/productos/nuevo/']) {
      await other.page.goto(address);
      const over = await other.page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      assert.ok(over <= 0, `${address} is ${over} px wider than a telephone`);
      await other.expectAccessible();
    }
    await other.shot('product-phone');
  },
  ['sqlite', 'postgres'],
);

story('a photo is on the till, and stays there when the server is gone', async ({ server, visitor }) => {
  await server.command(['createshop', '--name', 'La Esquina', '--username', marta.username, '--password-stdin'], `${word}\n`);
  const { page } = visitor;
  await signIn(page, marta);
  await create(page);
  await page.goto('/ventas/nueva/');
  await page.locator('.choice').first().click();
  await page.getByRole('button', { name: 'Abrir turno' }).click();
  await isShown(page, '.tile img.photo');
  await visitor.shot('till-photo');
  // The device asks for the photo and keeps it, and the worker keeps the till.
  await page.waitForFunction(async () => (await (await caches.open('inventario-photos')).keys()).length === 1 && navigator.serviceWorker.controller !== null);
  await page.context().clearCookies();
  const signedOut = await page.evaluate(async () => (await fetch((await (await caches.open('inventario-photos')).keys())[0]?.url ?? '')).headers.get('content-type'));
  assert.equal(signedOut, 'image/jpeg', 'the kept photo needs no session');
  await page.context().setOffline(true);
  await page.reload();
  await isShown(page, '.tile img.photo');
  // Nothing but the missing network may have been complained about.
  await page.goto('about:blank');
  assert.deepEqual(visitor.complaints.splice(0).filter((words) => !words.includes('net::ERR_INTERNET_DISCONNECTED')), []);
});
