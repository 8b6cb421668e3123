// A real browser for the stories, and the watch over what it complains about.
//
// Every page opened here is watched: a console error, an uncaught exception, a
// report of the content security policy or an answer of 500 and above fails the
// story, whatever it was about.

import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';

import { AxeBuilder } from '@axe-core/playwright';
import { chromium, type Browser, type BrowserContext, type BrowserContextOptions, type Page } from 'playwright-core';

/** What the browser complained about, in order. */
export type Complaints = string[];

/** Launches the browser that the test command found. */
export async function launchBrowser(): Promise<Browser> {
  const executablePath = process.env['CHROMIUM'];
  if (!executablePath) throw new Error('CHROMIUM is not set: run `cargo xtask test`, which finds or unpacks a browser');
  const args = ['--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'];
  // Chromium's own sandbox does not start for root.
  if (process.getuid?.() === 0) args.push('--no-sandbox');
  // The libraries that come with the packaged browser, for systems that lack them.
  const libraries = join(dirname(executablePath), 'al2023/lib');
  const env = { ...process.env } as Record<string, string>;
  if (existsSync(libraries)) env['LD_LIBRARY_PATH'] = libraries;
  return chromium.launch({ executablePath, args, env });
}

/** Looks at every page of the context. */
async function watch(context: BrowserContext, complaints: Complaints): Promise<void> {
  context.on('console', (message) => {
    if (message.type() === 'error') complaints.push(`console: ${message.text()} (${message.location().url})`);
  });
  context.on('weberror', (error) => complaints.push(`uncaught: ${String(error.error())}`));
  context.on('response', (response) => {
    if (response.status() >= 500) complaints.push(`answer ${response.status()}: ${response.url()}`);
  });
  await context.exposeFunction('reportPolicyViolation', (text: string) => complaints.push(`policy: ${text}`));
  await context.addInitScript(() => {
    document.addEventListener('securitypolicyviolation', (event) => {
      const report = (globalThis as unknown as { reportPolicyViolation(text: string): void }).reportPolicyViolation;
      report(`${event.effectiveDirective} refused ${event.blockedURI} (${event.sourceFile}:${event.lineNumber})`);
    });
  });
}

/** A visitor with cookies of their own. */
export interface Visitor {
  readonly page: Page;
  readonly complaints: Complaints;
  /** The accessibility rules of WCAG 2.2 AA over the page as it is now. */
  expectAccessible(): Promise<void>;
  /** Keeps a picture of the page in `target/shots/NAME.png`. */
  shot(name: string): Promise<void>;
  /** Fails if the browser complained about anything, and forgets it. */
  expectQuiet(): void;
  close(): Promise<void>;
}

/** Opens a new visitor; addresses in the story are relative to `baseURL`. */
export async function newVisitor(browser: Browser, baseURL: string, options: BrowserContextOptions = {}): Promise<Visitor> {
  const context = await browser.newContext({ baseURL, locale: 'es-CO', timezoneId: 'America/Bogota', ...options });
  const complaints: Complaints = [];
  await watch(context, complaints);
  const page = await context.newPage();
  return {
    page,
    complaints,
    async expectAccessible() {
      const { violations } = await new AxeBuilder({ page })
        .withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'])
        .analyze();
      const words = violations.map((rule) => `${rule.id}: ${rule.help} at ${rule.nodes.map((node) => node.target.join(' ')).join(', ')}`);
      assert.deepEqual(words, [], `${page.url()} breaks rules of accessibility`);
    },
    async shot(name) {
      await mkdir('target/shots', { recursive: true });
      await page.screenshot({ path: `target/shots/${name}.png`, fullPage: true });
    },
    expectQuiet() {
      assert.deepEqual(complaints.splice(0), [], `the browser complained on ${page.url()}`);
    },
    close: () => context.close(),
  };
}
