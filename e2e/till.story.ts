// A day at the till, against the real server: enrolled, opened, sold at with a scanner,
// the keyboard and a finger, paid in every way, printed, closed; and what the server then holds.

import assert from 'node:assert/strict';

import type { Page } from 'playwright-core';

import type { Visitor } from './support/browser.ts';
import { signIn } from './support/people.ts';
import { demoStory } from './support/story.ts';
import { codeOfBox, codeOfGood, endOpenSession, expectLines, expectText, openDrawer, paidSale, read, scaleLabel, Scanner, signOut, takeRegister, ticketLines } from './support/till.ts';

/** Places in the demonstration's list of goods. */
const MILK = 0;
const RICE = 8;
const BREAD_ROLL = 20;
const BANANA = 24;
const COCA_COLA = 34;

async function type(page: Page, text: string): Promise<void> {
  // A person's rhythm: slower than any scanner.
  await page.keyboard.type(text, { delay: 70 });
}

async function pay(page: Page, key: string): Promise<void> {
  await page.keyboard.press('F9');
  await page.locator('dialog.charge[open]').waitFor();
  await page.keyboard.press(key);
}

/** What the server shows of the sale with this number: its lines and payments as text. */
async function saleOnServer(page: Page, number: string): Promise<string> {
  await page.goto(`/ventas/?q=${number}`);
  await page.locator('main').getByRole('link', { name: number, exact: true }).first().click();
  await page.waitForURL(/\/ventas\/[0-9a-f-]{36}\//);
  return read((await page.locator('main').innerText()) ?? '');
}

/** The sizes of a printed file's pages in millimetres. */
async function printedPages(page: Page): Promise<{ width: number; height: number }[]> {
  const file = (await page.pdf({ preferCSSPageSize: true, printBackground: true })).toString('latin1');
  // A point is 1/72 of an inch (ISO 32000-1, 8.3.2.3).
  const mm = (points: string | undefined): number => Math.round((Number(points) * 25.4) / 72);
  return [...file.matchAll(/\/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]/g)].map((box) => ({ width: mm(box[1]), height: mm(box[2]) }));
}

/** The receipt in front is one strip of paper of 80 mm, or of 58, and nothing else is on it. */
async function expectPrinted(page: Page, visitor: Visitor): Promise<void> {
  const paper = page.locator('dialog[open] .paper');
  const whole = await printedPages(page);
  assert.deepEqual(whole.map(({ width }) => width), [80], JSON.stringify(whole));
  assert.ok((whole[0]?.height ?? 0) > 90 && (whole[0]?.height ?? 0) < 260, JSON.stringify(whole));
  await page.emulateMedia({ media: 'print' });
  assert.equal(await page.locator('.till').isVisible(), false);
  assert.equal(await page.locator('dialog[open] .button').first().isVisible(), false);
  const box = await paper.boundingBox();
  assert.ok(box !== null && box.x === 0 && Math.abs(box.width - (80 / 25.4) * 96) < 1, JSON.stringify(box));
  const wide = await paper.evaluate((element) => element.scrollWidth > element.clientWidth);
  assert.equal(wide, false);
  await visitor.shot('till-paper-80');
  await paper.evaluate((element) => element.setAttribute('data-width', '58'));
  const narrow = await paper.boundingBox();
  assert.ok(narrow !== null && Math.abs(narrow.width - (58 / 25.4) * 96) < 1, JSON.stringify(narrow));
  assert.equal(await paper.evaluate((element) => element.scrollWidth > element.clientWidth), false);
  await visitor.shot('till-paper-58');
  assert.deepEqual((await printedPages(page)).map(({ width }) => width), [58]);
  await paper.evaluate((element) => element.removeAttribute('data-width'));
  await page.emulateMedia({ media: null });
}

demoStory('a seller sells by scanner, keyboard and touch, in every way of paying, and closes the drawer', async ({ server, visitor, another }) => {
  const { page } = visitor;
  await signIn(page, server.people.admin);
  await takeRegister(page);
  await endOpenSession(page);
  await signOut(page);
  await signIn(page, server.people.seller);
  await page.goto('/ventas/nueva/');
  await page.getByRole('heading', { name: 'Abrir turno en Caja 1' }).waitFor();
  await visitor.expectAccessible();
  await openDrawer(page, '50.000');
  await visitor.expectAccessible();
  const scanner = await Scanner.on(page);
  const box = page.locator('#buscar');
  const sold: { number: string; shows: readonly string[] }[] = [];

  // ── Scanned with the focus anywhere; the multiplier; the count after a scan ──
  await page.locator('.chip').nth(1).focus();
  await scanner.scan(codeOfGood(MILK));
  await expectLines(page, ['1 Leche Alquería 1 L 4.200']);
  assert.equal(await box.inputValue(), '');
  await box.focus();
  await type(page, '3*');
  // A multiplier is no search: the shelf stays where it is.
  assert.equal(await page.locator('.tiles:not([hidden]) .tile').first().isVisible(), true);
  await scanner.scan(codeOfGood(RICE));
  await expectLines(page, ['1 Leche Alquería 1 L 4.200', '3 Arroz Diana 500 g 8.700']);
  assert.equal(await box.inputValue(), '');
  for (let round = 0; round < 2; round += 1) {
    await scanner.scan(codeOfGood(COCA_COLA));
    await page.locator('.ticket .line[aria-current="true"]', { hasText: 'Coca-Cola' }).waitFor();
    await type(page, '2');
    await page.keyboard.press('Enter');
    await expectText(page.locator('.ticket .line[aria-current="true"] .qty'), String(2 + 2 * round));
  }
  await type(page, '9x');
  await page.keyboard.press('Enter');
  await scanner.scan(codeOfGood(BREAD_ROLL));
  await expectLines(page, ['1 Leche Alquería 1 L 4.200', '3 Arroz Diana 500 g 8.700', '4 Coca-Cola 400 ml 13.200', '9 Pan francés 4.500']);

  // A code nobody knows is said, and scanning goes on; a seller makes no products.
  await scanner.scan('7700000000994');
  await expectText(page.locator('.unknown'), '7700000000994');
  assert.equal(await page.locator('.unknown').getByRole('button', { name: 'Crear producto' }).count(), 0);
  await visitor.expectAccessible();

  // A scan while a name is being typed adds a line, and leaves the name alone.
  await page.keyboard.press('F3');
  const name = page.getByLabel('Nombre del cliente');
  await name.focus();
  await type(page, 'Doña Gl');
  await scanner.scan(codeOfGood(MILK));
  await expectText(page.locator('.ticket .line .qty').first(), /^2$/);
  assert.equal(await name.inputValue(), 'Doña Gl');
  await type(page, 'oria');
  await page.keyboard.press('Enter');
  await expectText(page.locator('.ticket-who'), 'Doña Gloria');

  // ── Words without accents, weight with a comma, the scale's label, a box ──
  await box.fill('AZUCAR');
  await expectText(page.locator('.tiles:not([hidden])'), 'Azúcar Manuelita 1 kg');
  await box.fill('queso camp');
  await page.keyboard.press('Enter');
  await page.getByLabel('Peso').fill('0,755');
  await expectText(page.locator('dialog[open] .total output'), '9.740');
  await page.keyboard.press('Enter');
  await scanner.scan(scaleLabel(BANANA, 1_250));
  await scanner.scan(codeOfBox(COCA_COLA));
  assert.deepEqual((await ticketLines(page)).slice(4), ['0,755 kg Queso campesino 9.740', '1,250 kg Banano criollo 4.000', '1 Coca-Cola 400 ml (paquete de 24) 75.900']);
  await page.keyboard.press('-');
  assert.equal((await ticketLines(page)).length, 6);

  // ── Discounts stay within the seller's ten percent, alone and together ──
  await page.locator('.ticket .line', { hasText: 'Pan francés' }).click();
  await page.getByRole('button', { name: 'Descuento en Pan francés' }).click();
  await page.getByLabel('Descuento', { exact: true }).fill('12');
  await page.keyboard.press('Enter');
  await expectText(page.locator('dialog[open]'), 'Puedes descontar hasta 10 %');
  await visitor.expectAccessible();
  await page.getByLabel('Descuento', { exact: true }).fill('10');
  await page.keyboard.press('Enter');
  await expectText(page.locator('.ticket .line', { hasText: 'Pan francés' }), '4.050');
  await page.keyboard.press('F8');
  await page.getByLabel('Descuento', { exact: true }).fill('5');
  await page.keyboard.press('Enter');
  await expectText(page.locator('dialog[open]'), 'Puedes descontar hasta 10 %');
  await page.keyboard.press('Escape');
  await visitor.shot('till-ticket');

  // ── Cash: likely notes, the change, the receipt ──
  await page.keyboard.press('F9');
  await page.locator('dialog.charge[open]').waitFor();
  await visitor.expectAccessible();
  await page.locator('.quick button', { hasText: '50.000' }).first().click();
  const owed = 4_200 * 2 + 8_700 + 13_200 + 4_050 + 9_740 + 4_000;
  assert.equal(owed, 48_090);
  await expectText(page.locator('.giveback output'), '1.910');
  await visitor.shot('till-charge');
  await page.keyboard.press('F9');
  const cash = await paidSale(page);
  assert.equal(cash.change, '$ 1.910');
  sold.push({ number: cash.number, shows: ['Doña Gloria', 'Leche Alquería 1 L', 'Pan francés', '0,755', '− 450', 'Redondeo 0,50', 'Efectivo 48.090', 'Cambio 1.910'] });
  await visitor.expectAccessible();
  await page.keyboard.press('1');
  await page.locator('dialog[open] .paper').waitFor();
  await visitor.expectAccessible();
  await visitor.shot('till-receipt');
  await expectPrinted(page, visitor);
  await page.keyboard.press('Escape');

  // ── Transfer: the bank is asked for; mixed with cash ──
  await scanner.scan(codeOfGood(MILK));
  await expectLines(page, ['1 Leche Alquería 1 L 4.200']);
  await page.keyboard.press('F9');
  await page.getByRole('radio', { name: 'Transferencia' }).check();
  await page.keyboard.press('F9');
  await expectText(page.locator('.pay'), 'Escribe el banco.');
  await page.getByLabel('Banco').fill('Bancolombia');
  await page.getByLabel(/^Referencia/).fill('884120');
  await page.keyboard.press('F9');
  const transfer = await paidSale(page);
  assert.equal(transfer.change, '$ 0');
  sold.push({ number: transfer.number, shows: ['Transferencia', 'Bancolombia', '884120', '$ 4.200'] });
  await scanner.scan(codeOfGood(RICE));
  await scanner.scan(codeOfGood(RICE));
  await expectLines(page, ['2 Arroz Diana 500 g 5.800']);
  await page.keyboard.press('F9');
  await page.getByRole('radio', { name: 'Transferencia' }).check();
  await page.locator('.pay input.input').first().fill('2.000');
  await page.getByLabel('Banco').fill('Davivienda');
  await page.getByRole('button', { name: 'Agregar este pago' }).click();
  await expectText(page.locator('.owed .left'), '3.800');
  await page.locator('.quick button', { hasText: '5.000' }).first().click();
  await expectText(page.locator('.giveback output'), '1.200');
  await page.keyboard.press('F9');
  const mixed = await paidSale(page);
  sold.push({ number: mixed.number, shows: ['Transferencia', 'Davivienda', '2.000', 'Efectivo', '3.800'] });

  // ── Without stock the sale is refused by name, and the ticket stays ──
  await type(page, '900*');
  await scanner.scan(codeOfGood(MILK));
  await expectText(page.locator('.ticket .line .qty'), /^900$/);
  await pay(page, 'F9');
  await expectText(page.locator('.pay .error'), /De Leche Alquería 1 L solo quedan \d+/);
  await page.keyboard.press('Escape');
  assert.equal((await ticketLines(page)).length, 1);
  const stepper = page.getByRole('textbox', { name: 'Cantidad' });
  await stepper.fill('1');
  await page.keyboard.press('Enter');
  await expectLines(page, ['1 Leche Alquería 1 L 4.200']);

  // ── Held, another sale between, taken up again; the price check sells nothing ──
  await page.keyboard.press('F4');
  await expectLines(page, []);
  await page.keyboard.press('F7');
  await scanner.scan(codeOfGood(RICE));
  await expectText(page.locator('dialog[open] .price-shown'), /Arroz Diana 500 g.*2\.900/);
  await page.keyboard.press('Escape');
  await expectLines(page, []);
  await page.keyboard.press('F6');
  await expectLines(page, ['1 Leche Alquería 1 L 4.200']);
  await page.locator('#buscar').focus();
  await page.keyboard.press('?');
  await expectText(page.locator('dialog[open]'), /F9.*Cobrar/);
  await visitor.expectAccessible();
  await page.keyboard.press('Escape');
  await pay(page, 'F9');
  sold.push({ number: (await paidSale(page)).number, shows: ['$ 4.200', 'Efectivo'] });

  // ── Closed with a blind count, two thousand short ──
  const inDrawer = 50_000 + 48_090 + 3_800 + 4_200;
  await page.getByRole('button', { name: 'Menú de la caja' }).click();
  await page.getByRole('button', { name: 'Cerrar turno' }).click();
  assert.ok(!read(await page.locator('dialog[open]').innerText()).includes('106.090'), 'the count is blind');
  await visitor.expectAccessible();
  await page.locator('.count-row', { hasText: '100.000' }).locator('input').fill('1');
  await page.locator('.count-row', { hasText: '2.000' }).locator('input').first().fill('2');
  await page.getByRole('button', { name: 'Cerrar turno' }).last().click();
  await page.getByRole('heading', { name: 'Turno cerrado' }).waitFor();
  assert.equal(inDrawer, 106_090);
  await expectText(page.locator('.room-card'), /Debía haber.*106\.090.*Contado.*104\.000.*Faltan \$ 2\.090/);
  await visitor.expectAccessible();

  // ── A receipt's bars lead a seller to the sale, and not to its refund ──
  await page.getByRole('button', { name: 'Abrir otro turno' }).click();
  await openDrawer(page, '0');
  await scanner.scan(cash.number);
  await expectText(page.locator('dialog[open]'), `Recibo ${cash.number}`);
  assert.equal(await page.getByRole('link', { name: 'Devolver productos' }).count(), 0);
  await visitor.expectAccessible();
  await page.getByRole('button', { name: 'Reimprimir' }).click();
  await expectText(page.locator('dialog[open] .paper'), 'COPIA');
  await page.keyboard.press('Escape');

  // ── The server holds what was done ──
  const owner = await another();
  await signIn(owner.page, server.people.admin);
  for (const { number, shows } of sold) {
    const text = await saleOnServer(owner.page, number);
    for (const word of shows) assert.ok(text.includes(word), `${number} shows ${word}: ${text}`);
  }
  assert.match(await server.command(['verify']), /0 that do not fit/);
});

demoStory('the owner makes a product for a code nobody knows, sells to a customer of the shop, and takes it back by its receipt', async ({ server, visitor }) => {
  const { page } = visitor;
  await signIn(page, server.people.admin);
  await takeRegister(page);
  const scanner = await Scanner.on(page);
  await scanner.scan('7702177008474');
  await page.getByRole('button', { name: 'Crear producto' }).click();
  await visitor.expectAccessible();
  await page.getByRole('button', { name: 'Crear y agregar' }).click();
  await expectText(page.locator('dialog[open]'), /Escribe el nombre\..*Escribe solo cifras/);
  await page.getByLabel('Nombre del producto').fill('Bon Bon Bum gigante');
  // Scanning goes on meanwhile, and what was typed stays.
  await scanner.scan(codeOfGood(RICE));
  await expectLines(page, ['1 Arroz Diana 500 g 2.900']);
  await page.getByLabel('Precio de venta').fill('1.250');
  await visitor.shot('till-new-product');
  await page.getByRole('button', { name: 'Crear y agregar' }).click();
  await expectLines(page, ['1 Arroz Diana 500 g 2.900', '1 Bon Bon Bum gigante 1.250']);
  await scanner.scan('7702177008474');
  await expectLines(page, ['1 Arroz Diana 500 g 2.900', '2 Bon Bon Bum gigante 2.500']);

  await page.keyboard.press('F3');
  await page.getByLabel('Nombre del cliente').fill('estupinan');
  await page.getByRole('button', { name: /Gloria Estupiñán/ }).click();
  await expectText(page.locator('.ticket-who'), 'Gloria Estupiñán');
  await pay(page, 'F9');
  const { number } = await paidSale(page);

  await page.goto('/productos/?q=bon+bon+bum+gigante');
  await expectText(page.locator('main'), /Bon Bon Bum gigante.*−\s?2/);
  await page.goto('/ventas/nueva/');
  await page.locator('.tile').first().waitFor();
  await scanner.scan(number);
  await page.getByRole('link', { name: 'Devolver productos' }).waitFor();
  await visitor.expectAccessible();
  await visitor.shot('till-found-receipt');
  await page.getByRole('link', { name: 'Devolver productos' }).click();
  await page.waitForURL(/\/ventas\/[0-9a-f-]{36}\/devolver\//);
  await expectText(page.locator('main'), 'Bon Bon Bum gigante');
  assert.match(await server.command(['verify']), /0 that do not fit/);
});

demoStory('on a phone a sale is a few touches', async ({ server, visitor, another }) => {
  await signIn(visitor.page, server.people.admin);
  const phone = await another({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });
  const { page } = phone;
  await signIn(page, server.people.admin);
  await takeRegister(page);
  await phone.expectAccessible();
  await page.locator('.tile', { hasText: 'Arroz Diana' }).tap();
  await page.locator('.tile', { hasText: 'Arroz Diana' }).tap();
  await page.locator('.tile', { hasText: 'Queso campesino' }).tap();
  await page.getByLabel('Peso').fill('0,5');
  await page.getByRole('button', { name: 'Agregar a la venta' }).tap();
  await phone.shot('till-phone-shelf');
  await page.locator('.ticket-handle').tap();
  await expectLines(page, ['2 Arroz Diana 500 g 5.800', '0,500 kg Queso campesino 6.450']);
  await page.locator('.ticket .line').first().tap();
  await page.getByRole('button', { name: 'Agregar uno' }).tap();
  await expectText(page.locator('.ticket .line .qty').first(), /^3$/);
  await phone.expectAccessible();
  await phone.shot('till-phone-ticket');
  await page.locator('.ticket .charge-button').tap();
  await phone.expectAccessible();
  await phone.shot('till-phone-charge');
  await page.locator('.quick button', { hasText: '20.000' }).first().tap();
  await expectText(page.locator('.giveback output'), '4.850');
  await page.locator('dialog.charge .charge-button').tap();
  assert.equal((await paidSale(page)).change, '$ 4.850');
  await phone.shot('till-phone-paid');
});
