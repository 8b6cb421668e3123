// The till from the first visit to the receipt, one state after another.
//
// Its screens have no addresses: each is reached from the one before, by what a
// seller does. It asserts nothing; whoever walks looks at every stop.

import type { Page } from 'playwright-core';

export interface TillState {
  readonly name: string;
  /** Leads from the state before to this one. */
  readonly reach: (page: Page) => Promise<void>;
}

const dialog = (page: Page) => page.locator('dialog[open]').last();

/** On a phone the ticket is a sheet that is pulled up. */
async function openTicket(page: Page): Promise<void> {
  const handle = page.locator('.ticket-handle');
  if ((await handle.isVisible()) && (await page.locator('.till[data-ticket="open"]').count()) === 0) await handle.click();
}

async function openDrawer(page: Page): Promise<void> {
  await page.locator('.room-card input').fill('100000');
  await page.locator('.room-card button[type="submit"]').click();
}

async function byMenu(page: Page, at: number): Promise<void> {
  await page.locator('.register-end button').last().click();
  await dialog(page).locator('.menu-list > button').nth(at).click();
}

async function leaveDialog(page: Page): Promise<void> {
  await page.keyboard.press('Escape');
  await page.locator('dialog[open]').waitFor({ state: 'detached' });
}

export const TILL_STATES: readonly TillState[] = [
  {
    name: 'registrar',
    reach: async (page) => {
      await page.goto('/ventas/nueva/');
      await page.locator('.choices .choice').first().waitFor();
    },
  },
  {
    name: 'vacia',
    reach: async (page) => {
      await page.locator('.choices .choice').first().click();
      const takeOver = page.locator('.notice button[data-kind="danger"]');
      const inside = page.locator('.room-card input, .tiles .tile').first();
      await takeOver.or(inside).first().waitFor();
      if (await takeOver.isVisible()) await takeOver.click();
      await inside.waitFor();
      // The demonstration's drawer is open already; another shop's is opened here.
      if (await page.locator('.room-card input').isVisible()) await openDrawer(page);
      await page.locator('.tiles .tile').first().waitFor();
    },
  },
  {
    name: 'venta',
    reach: async (page) => {
      const tiles = page.locator('.tiles .tile');
      for (const at of [0, 1, 2, 1]) await tiles.nth(at).click();
      await page.locator('.lines li:visible, .ticket-handle:visible').first().waitFor();
    },
  },
  { name: 'cuenta', reach: openTicket },
  {
    name: 'descuento',
    reach: async (page) => {
      await page.keyboard.press('F8');
      await dialog(page).waitFor();
    },
  },
  {
    name: 'cliente',
    reach: async (page) => {
      await leaveDialog(page);
      await page.keyboard.press('F3');
      await dialog(page).waitFor();
    },
  },
  {
    name: 'cobrar',
    reach: async (page) => {
      await leaveDialog(page);
      await page.locator('.ticket .charge-button').click();
      await page.locator('.charge .quick button').first().waitFor();
    },
  },
  { name: 'vuelto', reach: (page) => page.locator('.charge .quick button').last().click() },
  {
    name: 'pagada',
    reach: async (page) => {
      await page.locator('.giveback .charge-button').click();
      await page.locator('.paid-panel').waitFor();
    },
  },
  {
    name: 'recibo',
    reach: async (page) => {
      await page.locator('.paid-acts > *').first().click();
      await page.locator('.paper').waitFor();
    },
  },
  {
    name: 'menu',
    reach: async (page) => {
      await leaveDialog(page);
      await page.locator('.register-end button').last().click();
      await dialog(page).waitFor();
    },
  },
  {
    name: 'atajos',
    reach: async (page) => {
      await leaveDialog(page);
      await byMenu(page, 4);
      await page.locator('dl.keys').waitFor();
    },
  },
  {
    name: 'cerrar',
    reach: async (page) => {
      await leaveDialog(page);
      await byMenu(page, 2);
      await page.locator('.count').waitFor();
    },
  },
  {
    name: 'cerrada',
    reach: async (page) => {
      await page.locator('.count input').first().fill('3');
      await dialog(page).locator('button[type="submit"]').click();
      await page.locator('.count').waitFor({ state: 'detached' });
    },
  },
];
