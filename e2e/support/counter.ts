// What stories do at a register without a hand on the mouse: scan, charge, read what was paid.

import assert from 'node:assert/strict';

import type { CDPSession, Locator, Page } from 'playwright-core';

/** A scanner that poses as a keyboard: one burst of keys, as fast as the browser takes them. */
export class KeyboardScanner {
  readonly #keys: CDPSession;

  private constructor(keys: CDPSession) {
    this.#keys = keys;
  }

  static async on(page: Page): Promise<KeyboardScanner> {
    return new KeyboardScanner(await page.context().newCDPSession(page));
  }

  async scan(code: string): Promise<void> {
    await Promise.all([...code].map((letter) => this.#press(letter, letter, letter.toUpperCase().charCodeAt(0))).concat(this.#press('Enter', '\r', 13)));
  }

  async #press(key: string, text: string, windowsVirtualKeyCode: number): Promise<void> {
    const common = { key, windowsVirtualKeyCode, ...(key === 'Enter' ? { code: 'Enter' } : {}) };
    const down = this.#keys.send('Input.dispatchKeyEvent', { type: 'keyDown', text, unmodifiedText: text, ...common });
    await Promise.all([down, this.#keys.send('Input.dispatchKeyEvent', { type: 'keyUp', ...common })]);
  }
}

/** Text as it is read: one kind of blank. */
export const plain = (text: string | null): string => (text ?? '').replaceAll(/[\s\u00a0\u202f]+/g, ' ').trim();

/** Cents of an amount as a Colombian reads it: `$ 1.234,50`, `− $ 7`. */
export function cents(shown: string): number {
  const match = /^(−?)\s*\$?\s*(−?)([\d.]+)(?:,(\d\d))?$/.exec(plain(shown));
  assert.ok(match, `«${shown}» is no amount`);
  const [, before, after, whole = '', decimals = '00'] = match;
  const size = Number(whole.replaceAll('.', '')) * 100 + Number(decimals);
  return before === '' && after === '' ? size : -size;
}

/** The amounts that a text names, in order, in cents. */
export function amounts(text: string): number[] {
  return [...plain(text).matchAll(/(− )?\$ ([\d.]*\d(?:,\d\d)?)/g)].map(([, minus, digits]) => cents(`${minus ?? ''}$ ${digits}`));
}

/** Waits for what a place shows to be what is wanted; the page tells nobody when it is drawn. */
export async function untilShown(place: Locator, wanted: (text: string) => boolean, what: string, timeoutMs = 15_000): Promise<string> {
  const end = performance.now() + timeoutMs;
  for (;;) {
    const text = plain(await place.textContent({ timeout: timeoutMs }));
    if (wanted(text)) return text;
    assert.ok(performance.now() < end, `«${text}» is not ${what}`);
    await place.page().waitForTimeout(20);
  }
}

/** Binds a register that nobody has to this browser. */
export async function takeRegister(page: Page, name: string): Promise<void> {
  await page.goto('/ventas/nueva/');
  await page.getByRole('button', { name: new RegExp(name) }).click();
}

export async function openDrawer(page: Page, amount: string): Promise<void> {
  await page.getByLabel('Efectivo en el cajón').fill(amount);
  await page.getByRole('button', { name: 'Abrir turno' }).click();
  await page.locator('#buscar').waitFor();
}

/** How many units are on the ticket. */
export async function unitsOnTicket(page: Page): Promise<number> {
  const shown = await page.locator('.ticket .line .qty').allTextContents();
  return shown.reduce((sum, text) => sum + Number(plain(text).replace(',', '.')), 0);
}

/** Pays the open ticket in cash to the last unit and reads its number and total. */
export async function payExactly(page: Page): Promise<{ number: string; totalCents: number; isOffline: boolean }> {
  await page.keyboard.press('F9');
  await page.locator('dialog.charge[open]').waitFor();
  await page.keyboard.press('F9');
  const head = plain(await page.locator('.paid-panel .paid-head span').textContent({ timeout: 20_000 }));
  const [number = '', total = ''] = head.split(' · ');
  return { number, totalCents: cents(total), isOffline: (await page.locator('.paid-panel .paid-note').count()) > 0 };
}
