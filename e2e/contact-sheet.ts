// A picture of every screen for a person to look at: `npm run contact-sheet`.
//
// For each screen one sheet under `target/contact-sheet/`: the desk by day and by
// night above, the phone by day and by night below. Nothing is compared or judged;
// `docs/look.md` says what people saw. It serves the built demonstration itself.

import { mkdir, writeFile } from 'node:fs/promises';

import type { Browser, Page } from 'playwright-core';

import { launchBrowser, newVisitor } from './support/browser.ts';
import { signIn } from './support/people.ts';
import { findScreens, makeSuperuser, type Person, type Screen } from './support/screens.ts';
import { startDemo } from './support/server.ts';
import { TILL_STATES } from './support/till-states.ts';

const FOLDER = 'target/contact-sheet';
const THEMES = ['light', 'dark'] as const;
const WIDTHS = { desk: { width: 1280, height: 900 }, phone: { width: 390, height: 844 } } as const;
type Width = keyof typeof WIDTHS;
type Theme = (typeof THEMES)[number];
type Pictures = Map<string, Buffer>;

const wanted = process.argv.slice(2);
const isWanted = (name: string): boolean => wanted.length === 0 || wanted.some((part) => name.includes(part));

/** The longest a page is photographed; what is below says no more. */
const HEIGHT_MAX = 2600;

async function photograph(page: Page, pictures: Pictures, name: string, width: Width, theme: Theme): Promise<void> {
  await page.emulateMedia({ colorScheme: theme, reducedMotion: 'reduce' });
  const height = await page.evaluate(() => document.documentElement.scrollHeight);
  const clip = { x: 0, y: 0, width: WIDTHS[width].width, height: Math.min(Math.max(height, WIDTHS[width].height), HEIGHT_MAX) };
  pictures.set(`${name} ${width} ${theme}`, await page.screenshot({ fullPage: true, clip, animations: 'disabled' }));
}

/** One sheet: the desk's two themes side by side, under it the phone's pages in screenfuls. */
async function compose(page: Page, pictures: Pictures, name: string): Promise<void> {
  const picture = (width: Width, theme: Theme): string => {
    const bytes = pictures.get(`${name} ${width} ${theme}`);
    return bytes ? `data:image/png;base64,${bytes.toString('base64')}` : '';
  };
  const phone = (theme: Theme, part: number): string =>
    `<div class="phone"><img src="${picture('phone', theme)}" style="margin-top:${-800 * part}px"></div>`;
  await page.setContent(`<!doctype html><style>
    body { margin: 0; padding: 8px; width: 1544px; background: #888; font: 14px sans-serif; display: grid; gap: 8px; }
    .row { display: flex; gap: 8px; } .desk { width: 768px; max-height: 860px; overflow: hidden; } .desk img { width: 100%; display: block; }
    .phone { width: 380px; height: 760px; overflow: hidden; } .phone img { width: 380px; display: block; }
  </style><b>${name}</b><div class="row">${THEMES.map((theme) => `<div class="desk"><img src="${picture('desk', theme)}"></div>`).join('')}</div>
  <div class="row">${phone('light', 0)}${phone('light', 1)}${phone('dark', 0)}${phone('dark', 1)}</div>`);
  await page.screenshot({ path: `${FOLDER}/${name}.png`, fullPage: true });
}

async function walkPages(browser: Browser, server: Awaited<ReturnType<typeof startDemo>>, pictures: Pictures): Promise<readonly Screen[]> {
  const accounts = { seller: server.people.seller, admin: server.people.admin, superuser: await makeSuperuser(server) };
  const open = async (person: Person): Promise<Page> => {
    const { page } = await newVisitor(browser, server.url, { viewport: WIDTHS.desk });
    if (person !== 'nobody') await signIn(page, accounts[person]);
    return page;
  };
  const pages = { nobody: await open('nobody'), seller: await open('seller'), admin: await open('admin'), superuser: await open('superuser') };
  const screens = (await findScreens({ server, pages })).filter((screen) => !screen.till && isWanted(screen.name));
  for (const width of ['desk', 'phone'] as const) {
    for (const screen of screens) {
      const page = pages[screen.person];
      await page.setViewportSize(WIDTHS[width]);
      await page.goto(screen.path, { waitUntil: 'networkidle' });
      for (const theme of THEMES) await photograph(page, pictures, screen.name, width, theme);
    }
  }
  return screens;
}

async function walkTill(browser: Browser, server: Awaited<ReturnType<typeof startDemo>>, pictures: Pictures): Promise<void> {
  for (const width of ['desk', 'phone'] as const) {
    const { page, close } = await newVisitor(browser, server.url, { viewport: WIDTHS[width] });
    await signIn(page, server.people.admin);
    for (const state of TILL_STATES) {
      await state.reach(page).catch(async (problem: unknown) => {
        await page.screenshot({ path: `${FOLDER}/stuck.png` });
        throw new Error(`the till did not reach "${state.name}"; stuck.png shows where it stands`, { cause: problem });
      });
      for (const theme of THEMES) await photograph(page, pictures, `caja-${state.name}`, width, theme);
    }
    await close();
  }
}

await mkdir(`${FOLDER}/single`, { recursive: true });
const server = await startDemo();
const browser = await launchBrowser();
try {
  const pictures: Pictures = new Map();
  const table = await browser.newPage({ viewport: { width: 1560, height: 900 } });
  const lay = async (names: readonly string[]): Promise<void> => {
    for (const name of names) await compose(table, pictures, name);
    for (const [name, bytes] of pictures) await writeFile(`${FOLDER}/single/${name.replaceAll(' ', '-')}.png`, bytes);
    console.log(`${names.length} sheets in ${FOLDER}`);
    pictures.clear();
  };
  if (!wanted.every((part) => part.startsWith('caja')) || wanted.length === 0) {
    const screens = await walkPages(browser, server, pictures);
    await lay(screens.map((screen) => screen.name));
  }
  if (isWanted('caja')) {
    await walkTill(browser, server, pictures);
    await lay(TILL_STATES.map((state) => `caja-${state.name}`));
  }
} finally {
  await browser.close();
  await server.stop();
}
