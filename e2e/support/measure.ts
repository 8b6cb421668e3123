// What a page weighs, whether it jumps, and whether a thumb can hit what it offers.
//
// It measures and returns; what is too much is the story's to say.

import type { CDPSession, Page } from 'playwright-core';

/** Bytes as they came over the wire, headers included, by kind. */
export interface Weight {
  readonly all: number;
  readonly scripts: number;
}

/** Counts the bytes of every load of the page, without the browser's cache. */
export async function weigh(page: Page): Promise<{ start(): void; read(): Weight; stop(): Promise<void> }> {
  const session: CDPSession = await page.context().newCDPSession(page);
  await session.send('Network.enable');
  await session.send('Network.setCacheDisabled', { cacheDisabled: true });
  const scripts = new Set<string>();
  let weight = { all: 0, scripts: 0 };
  session.on('Network.responseReceived', ({ requestId, type }) => {
    if (type === 'Script') scripts.add(requestId);
  });
  session.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => {
    weight = { all: weight.all + encodedDataLength, scripts: weight.scripts + (scripts.has(requestId) ? encodedDataLength : 0) };
  });
  return { start: () => void (weight = { all: 0, scripts: 0 }), read: () => weight, stop: () => session.detach() };
}

/** Adds up the layout shifts of each page from now on; the page must be loaded after this. */
export async function watchShifts(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const sums = globalThis as unknown as { shifted: number; shiftedBy: string[] };
    sums.shifted = 0;
    sums.shiftedBy = [];
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries() as (PerformanceEntry & { value: number; hadRecentInput: boolean; sources: { node: Node | null }[] })[]) {
        if (entry.hadRecentInput) continue;
        sums.shifted += entry.value;
        for (const { node } of entry.sources) if (node instanceof Element) sums.shiftedBy.push(`${node.tagName.toLowerCase()}.${node.className}`);
      }
    }).observe({ type: 'layout-shift', buffered: true });
  });
}

export const shifts = (page: Page): Promise<{ sum: number; by: string }> =>
  page.evaluate(() => {
    const sums = globalThis as unknown as { shifted: number; shiftedBy: string[] };
    return { sum: sums.shifted, by: sums.shiftedBy.join(', ') };
  });

/** How far the page can be pushed sideways. */
export const sideways = (page: Page): Promise<number> => page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);

/**
 * What is smaller than `least` pixels to a finger, with the size it has.
 *
 * The reach is felt, not computed: from the middle outwards, as far as points still hit
 * the same thing, so that an enlarged area counts and an overlapped one does not. Links in
 * running text are left out (WCAG 2.5.8 calls them inline), and so is what cannot be
 * pressed now.
 */
export function smallTargets(page: Page, least: number): Promise<readonly string[]> {
  return page.evaluate((size) => {
    const isHidden = (element: Element): boolean => {
      const { width, height } = element.getBoundingClientRect();
      const style = getComputedStyle(element);
      return width < 2 || height < 2 || style.visibility === 'hidden' || style.pointerEvents === 'none' || !element.checkVisibility();
    };
    const isInText = (element: Element): boolean => {
      if (!getComputedStyle(element).display.startsWith('inline') || element.closest('nav, .actions')) return false;
      return [...(element.parentElement?.childNodes ?? [])].some((node) => node.nodeType === Node.TEXT_NODE && (node.textContent ?? '').trim().length > 1);
    };
    /** A box to tick is as large as its label. */
    const reachOf = (element: Element): Element => (element instanceof HTMLInputElement && /checkbox|radio/.test(element.type) ? (element.closest('label') ?? element) : element);
    const holds = (element: Element, x: number, y: number): boolean => {
      const hit = document.elementFromPoint(x, y);
      return hit !== null && (element.contains(hit) || hit.closest('a, button, label, summary') === element || (element.id !== '' && hit.closest('label')?.htmlFor === element.id) || hit.closest('.group')?.contains(element) === true);
    };
    const open = [...document.querySelectorAll('dialog[open]')].at(-1) ?? document.body;
    const found: string[] = [];
    for (const each of open.querySelectorAll('a[href], button:not(:disabled), input:not([type=hidden]):not(:disabled), select, textarea, summary')) {
      if (each.matches('.skip, [tabindex="-1"]') || isHidden(each) || isInText(each)) continue;
      const element = reachOf(each);
      if (isHidden(element)) continue;
      element.scrollIntoView({ block: 'center', inline: 'center', behavior: 'instant' });
      const box = element.getBoundingClientRect();
      const [x, y] = [box.left + box.width / 2, box.top + box.height / 2];
      const reach = (dx: number, dy: number): number => {
        let steps = 0;
        while (steps < size && holds(element, x + dx * (steps + 1), y + dy * (steps + 1))) steps += 1;
        return steps;
      };
      const isTall = box.height >= size - 1 || reach(0, -1) + reach(0, 1) >= size - 1;
      const isWide = box.width >= size - 1 || reach(-1, 0) + reach(1, 0) >= size - 1;
      if (!isTall || !isWide) found.push(`${element.tagName.toLowerCase()}.${String(element.className)} "${(element.textContent ?? '').trim().slice(0, 30)}" ${Math.round(box.width)}×${Math.round(box.height)}`);
    }
    return [...new Set(found)];
  }, least);
}
