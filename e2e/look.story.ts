// Every screen, measured: readable for a screen reader in both themes, light enough for
// a slow phone, still while it loads, in one column on a narrow one, and large enough
// for a thumb. What there is to walk is the router's own list (`support/screens.ts`).

import assert from 'node:assert/strict';

import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from 'playwright-core';

import type { Visitor } from './support/browser.ts';
import { sideways, shifts, smallTargets, watchShifts, weigh } from './support/measure.ts';
import { signIn } from './support/people.ts';
import { findScreens, makeSuperuser, type Person, type Screen } from './support/screens.ts';
import type { DemoLine, Running } from './support/server.ts';
import { demoStory } from './support/story.ts';
import { TILL_STATES } from './support/till-states.ts';

const DESK = { width: 1280, height: 900 };
const PHONE = { width: 390, height: 844 };
/** The narrowest phone that is promised one column. */
const NARROW = { width: 360, height: 740 };
const WEIGHT_MAX = 100_000;
const TILL_SCRIPT_MAX = 80_000;
const SHIFT_MAX = 0.01;
const TARGET = 44;
const TARGET_TILL = 56;
const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

type People = Readonly<Record<Person, Visitor>>;

async function gather(server: Running & { readonly people: DemoLine }, another: (options?: object) => Promise<Visitor>): Promise<People> {
  const accounts = { seller: server.people.seller, admin: server.people.admin, superuser: await makeSuperuser(server) };
  const come = async (person: Person): Promise<Visitor> => {
    const visitor = await another({ viewport: DESK });
    await watchShifts(visitor.page);
    if (person !== 'nobody') await signIn(visitor.page, accounts[person]);
    return visitor;
  };
  return { nobody: await come('nobody'), seller: await come('seller'), admin: await come('admin'), superuser: await come('superuser') };
}

const pagesOf = (people: People): Readonly<Record<Person, Page>> => ({ nobody: people.nobody.page, seller: people.seller.page, admin: people.admin.page, superuser: people.superuser.page });

/** What axe finds, as sentences; in the till with the stricter contrast. */
async function unreadable(page: Page, till: boolean): Promise<readonly string[]> {
  const axe = new AxeBuilder({ page }).options({
    runOnly: { type: 'tag', values: RULES },
    ...(till ? { rules: { 'color-contrast-enhanced': { enabled: true } } } : {}),
    resultTypes: ['violations'],
  });
  const { violations } = await axe.analyze();
  return violations.map((rule) => `${rule.id}: ${rule.nodes.map((node) => `${node.target.join(' ')} (${node.failureSummary?.split('\n').at(1)?.trim() ?? ''})`).slice(0, 4).join(', ')}`);
}

/** On a phone: one column, and everything large enough. */
async function cramped(page: Page, till: boolean): Promise<readonly string[]> {
  const found: string[] = [];
  await page.setViewportSize(PHONE);
  for (const target of await smallTargets(page, till ? TARGET_TILL : TARGET)) found.push(`small target: ${target}`);
  await page.setViewportSize(NARROW);
  const over = await sideways(page);
  if (over > 0) found.push(`scrolls sideways by ${over} px at ${NARROW.width}`);
  return found;
}

async function look({ page }: Visitor, screen: Screen, scales: Awaited<ReturnType<typeof weigh>>): Promise<readonly string[]> {
  const found: string[] = [];
  await page.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' });
  await page.setViewportSize(DESK);
  scales.start();
  await page.goto(screen.path, { waitUntil: 'networkidle' });
  const weight = scales.read();
  const pages = weight.all - (screen.till ? weight.scripts : 0);
  if (pages > WEIGHT_MAX) found.push(`weighs ${pages} bytes`);
  if (screen.till && weight.scripts > TILL_SCRIPT_MAX) found.push(`its scripts weigh ${weight.scripts} bytes`);
  const wide = await shifts(page);
  if (wide.sum > SHIFT_MAX) found.push(`jumps by ${wide.sum} on a desk: ${wide.by}`);
  for (const words of await unreadable(page, screen.till)) found.push(`light, desk: ${words}`);

  await page.emulateMedia({ colorScheme: 'dark' });
  await page.setViewportSize(PHONE);
  await page.goto(screen.path, { waitUntil: 'load' });
  const narrow = await shifts(page);
  if (narrow.sum > SHIFT_MAX) found.push(`jumps by ${narrow.sum} on a phone: ${narrow.by}`);
  for (const words of await unreadable(page, screen.till)) found.push(`dark, phone: ${words}`);
  found.push(...(await cramped(page, screen.till)));
  return found.map((words) => `${screen.name} (${screen.path}): ${words}`);
}

demoStory('every screen is readable, light, still and large enough', async ({ server, another }) => {
  const people = await gather(server, another);
  const screens = await findScreens({ server, pages: pagesOf(people) });
  const found: string[] = [];
  // A page that is not there says so in the browser's console too.
  const expected = (complaint: string): boolean => /status of (404|400)/.test(complaint);
  await Promise.all(
    Object.entries(people).map(async ([person, visitor]) => {
      visitor.complaints.splice(0);
      const scales = await weigh(visitor.page);
      for (const screen of screens.filter((each) => each.person === person)) {
        found.push(...(await look(visitor, screen, scales)));
        found.push(...visitor.complaints.splice(0).filter((each) => !expected(each)).map((each) => `${screen.name}: ${each}`));
      }
      await scales.stop();
    }),
  );
  assert.ok(screens.length > 40, `only ${screens.length} screens were found`);
  assert.deepEqual(found, []);
});

demoStory('every state of the till is readable from afar and large enough', async ({ server, another }) => {
  const { page } = await another({ viewport: PHONE, colorScheme: 'light', reducedMotion: 'reduce' });
  await signIn(page, server.people.admin);
  const found: string[] = [];
  for (const state of TILL_STATES) {
    await page.setViewportSize(PHONE);
    await state.reach(page);
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      for (const words of await unreadable(page, true)) found.push(`${state.name}, ${colorScheme}: ${words}`);
    }
    for (const words of await cramped(page, true)) found.push(`${state.name}: ${words}`);
  }
  assert.deepEqual(found, []);
});

demoStory('the components stay readable in the high contrast of the system', async ({ visitor: { page } }) => {
  await page.emulateMedia({ forcedColors: 'active' });
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    await page.goto('/admin/componentes/');
    assert.deepEqual(await unreadable(page, false), [], colorScheme);
  }
});

demoStory('the palette leads to screens, products, customers and sales by the keyboard alone', async ({ server, visitor: { page } }) => {
  await signIn(page, server.people.admin);
  const ask = async (typed: string, group: string): Promise<void> => {
    await page.keyboard.press('Control+k');
    await page.locator('#paleta[open]').waitFor();
    await page.keyboard.type(typed);
    await page.locator('#paleta .menu-title', { hasText: group }).waitFor();
  };
  await ask('azucar', 'Productos');
  assert.deepEqual(await unreadable(page, false), []);
  await page.keyboard.press('Enter');
  await page.waitForURL(/\/productos\/[0-9a-f-]{36}\/$/);
  await ask('C1-2', 'Ventas');
  await page.keyboard.press('Enter');
  await page.waitForURL(/\/ventas\/[0-9a-f-]{36}\/$/);
  await ask('camilo', 'Clientes');
  await page.keyboard.press('Enter');
  await page.waitForURL(/\/clientes\/[0-9a-f-]{36}\/$/);
  // Nobody waits for the lines: Enter belongs to what was typed, not to what was shown.
  await page.keyboard.press('Control+k');
  await page.keyboard.type('vended');
  await page.keyboard.press('Enter');
  await page.waitForURL('**/usuarios/');
});

demoStory('a list prints as a letter: black on white, without what only a screen needs', async ({ server, visitor: { page } }) => {
  await signIn(page, server.people.admin);
  await page.emulateMedia({ colorScheme: 'dark', media: 'print' });
  for (const path of ['/productos/', '/ventas/', '/dashboard/']) {
    await page.goto(path);
    assert.equal(await page.evaluate(() => getComputedStyle(document.body).backgroundColor), 'rgb(255, 255, 255)', path);
    const lightness = await page.locator('h1').evaluate((head) => getComputedStyle(head).color);
    assert.ok(/^rgb\(0, 0, 0\)$|oklch\(0\.[0-3]/.test(lightness), `${path}: the head is printed in ${lightness}`);
    for (const part of ['.side', '.topbar', '.bottombar', '.toolbar', '.debug-banner']) {
      assert.equal(await page.locator(part).filter({ visible: true }).count(), 0, `${path} prints ${part}`);
    }
  }
});
