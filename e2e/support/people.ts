// What people do in most stories: sign in, and look into their mail.

import assert from 'node:assert/strict';

import type { Page } from 'playwright-core';

import type { Account, Running } from './server.ts';

/** Signs in by the page, as a person does. */
export async function signIn(page: Page, account: Account): Promise<void> {
  await page.goto('/login/');
  await page.locator('input[name="username"]').fill(account.username);
  await page.locator('input[name="password"]').fill(account.password);
  await page.locator('form:has(input[name="password"]) button[type="submit"]').click();
  await page.waitForURL((url) => !url.pathname.startsWith('/login/'));
}

/** A message in the local mailbox. */
export interface Letter {
  readonly to: string;
  readonly subject: string;
  readonly text: string;
}

/** The local mailbox, newest last; `inventario mailbox --json` prints one message a line or one list. */
export async function readMailbox(server: Running): Promise<readonly Letter[]> {
  const printed = (await server.command(['mailbox', '--json'])).trim();
  if (printed.startsWith('[')) return JSON.parse(printed) as Letter[];
  return printed === '' ? [] : printed.split('\n').map((line) => JSON.parse(line) as Letter);
}

/** The first link in the newest message to `address`; waits for the letter to be delivered. */
export async function linkMailedTo(server: Running, address: string, timeoutMs = 10_000): Promise<string> {
  const end = performance.now() + timeoutMs;
  for (;;) {
    const letter = (await readMailbox(server)).findLast(({ to }) => to.includes(address));
    const link = letter && /https?:\/\/[^\s"<>]+/.exec(letter.text)?.[0];
    if (link) return link;
    assert.ok(performance.now() < end, `no letter with a link to ${address} arrived`);
    // A letter is delivered by a job after the answer; there is no event to wait for.
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
