// What stories do at the till: a scanner's keystrokes, what stands on the ticket, the way to an open drawer.

import assert from 'node:assert/strict';

import type { CDPSession, Locator, Page } from 'playwright-core';

import { checkDigit } from '../../crates/app/src/features/till/client/codes.ts';

/** Between two keys of the scanner, in seconds: what a cable gives. */
const KEY_GAP_S = 0.003;

/**
 * A scanner that poses as a keyboard. Its keys carry the times of a scanner's rhythm, however busy the
 * machine is that plays the story.
 */
export class Scanner {
  readonly #session: CDPSession;
  /** When the last key was pressed, in seconds since 1970. */
  #last = 0;

  private constructor(session: CDPSession) {
    this.#session = session;
  }

  static async on(page: Page): Promise<Scanner> {
    return new Scanner(await page.context().newCDPSession(page));
  }

  async scan(code: string): Promise<void> {
    await Promise.all([...this.#characters(code), this.#key('Enter', '\r')]);
  }

  /**
   * The same at the pace of the page and by the browser's own clock, Enter once the page has dealt with the
   * characters: for measuring, on a machine that does nothing else.
   */
  async scanMeasured(code: string): Promise<void> {
    await Promise.all([...code].map((character) => this.#send(character, character, undefined)));
    await this.#send('Enter', '\r', undefined);
  }

  #characters(code: string): Promise<void>[] {
    this.#last = Math.max(this.#last, Date.now() / 1000);
    return [...code].map((character) => this.#key(character, character));
  }

  #key(key: string, text: string): Promise<void> {
    this.#last += KEY_GAP_S;
    return this.#send(key, text, this.#last);
  }

  async #send(key: string, text: string, timestamp: number | undefined): Promise<void> {
    const common = { key, ...(timestamp === undefined ? {} : { timestamp }), windowsVirtualKeyCode: key === 'Enter' ? 13 : key.toUpperCase().charCodeAt(0) };
    const down = this.#session.send('Input.dispatchKeyEvent', { type: 'keyDown', text, unmodifiedText: text, ...common });
    const up = this.#session.send('Input.dispatchKeyEvent', { type: 'keyUp', ...common });
    await Promise.all([down, up]);
  }
}

/** An EAN-13 of its first twelve digits. */
export function ean13(body: string): string {
  assert.equal(body.length, 12);
  return `${body}${checkDigit(body)}`;
}

/** The code of the demonstration's product at a place of its list, or of its box. */
export const codeOfGood = (place: number): string => ean13(`20${String(1_000_000 + 37 * place).padStart(10, '0')}`);
export const codeOfBox = (place: number): string => ean13(`21${String(1_000_000 + 37 * place).padStart(10, '0')}`);

/** A label of the shop's scale for so many grams of the product at a place. */
export const scaleLabel = (place: number, grams: number): string => ean13(`29${String(400 + place).padStart(5, '0')}${String(grams).padStart(5, '0')}`);

/** Text as a reader sees it: one kind of blank. */
export const read = (text: string): string => text.replaceAll(/[\u00a0\u202f\s]+/g, ' ').trim();

/** The lines of the ticket, each as `quantity name sum`. */
export async function ticketLines(page: Page): Promise<string[]> {
  const rows = await page.locator('.ticket .line').evaluateAll((lines) =>
    lines.map((line) => ['.qty', '.line-name', '.line-sum'].map((part) => line.querySelector(part)?.textContent ?? '').join(' ')),
  );
  return rows.map(read);
}

/** Waits until the ticket holds exactly these lines. */
export async function expectLines(page: Page, wanted: readonly string[]): Promise<void> {
  const end = performance.now() + 5_000;
  for (;;) {
    const lines = await ticketLines(page);
    if (JSON.stringify(lines) === JSON.stringify(wanted) || performance.now() > end) return assert.deepEqual(lines, wanted);
    // The line is drawn in the frame after the scan; the page tells nobody when.
    await page.waitForTimeout(20);
  }
}

/** Waits until a place shows a text. */
export async function expectText(place: Locator, wanted: string | RegExp): Promise<string> {
  const end = performance.now() + 10_000;
  for (;;) {
    const text = read((await place.textContent({ timeout: 10_000 })) ?? '');
    const isThere = typeof wanted === 'string' ? text.includes(wanted) : wanted.test(text);
    if (isThere) return text;
    assert.ok(performance.now() < end, `«${text}» does not show ${String(wanted)}`);
    await place.page().waitForTimeout(20);
  }
}

/** Makes the shop's first register, which nobody has, this browser's. */
export async function takeRegister(page: Page): Promise<void> {
  await page.goto('/ventas/nueva/');
  await page.getByRole('button', { name: /Caja 1/ }).click();
  await page.locator('#buscar').waitFor();
}

/** Ends the session that the demonstration left open, uncounted. */
export async function endOpenSession(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Menú de la caja' }).click();
  await page.getByRole('button', { name: 'Cerrar turno' }).click();
  await page.locator('dialog[open]').getByRole('button', { name: 'Cerrar turno' }).click();
  await page.getByRole('button', { name: 'Abrir otro turno' }).click();
  await page.getByRole('heading', { name: 'Abrir turno en Caja 1' }).waitFor();
}

export async function openDrawer(page: Page, amount: string): Promise<void> {
  await page.getByLabel('Efectivo en el cajón').fill(amount);
  await page.getByRole('button', { name: 'Abrir turno' }).click();
  await page.locator('#buscar').waitFor();
  await page.locator('.tile').first().waitFor();
}

export async function signOut(page: Page): Promise<void> {
  await page.goto('/perfil/');
  await page.locator('main form[action="/logout/"] button').click();
  await page.waitForURL((url) => !url.pathname.startsWith('/perfil/'));
}

/** The number that the paid sale shows, and the change in its large figure. */
export async function paidSale(page: Page): Promise<{ number: string; change: string }> {
  const head = await page.locator('.paid-panel .paid-head span').textContent({ timeout: 15_000 });
  const change = await page.locator('.paid-panel .paid-change output').textContent();
  return { number: read(head ?? '').split(' ')[0] ?? '', change: read(change ?? '') };
}
