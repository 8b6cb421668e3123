// The frame of a story: a server, a browser and a visitor, made and taken away.
//
// A story ends by looking at the whole outcome: what the browser complained
// about fails it even when everything the story asked for was there.

import { test } from 'node:test';

import type { BrowserContextOptions } from 'playwright-core';

import { launchBrowser, newVisitor, type Visitor } from './browser.ts';
import { startDemo, startServer, type DemoLine, type Engine, type Running } from './server.ts';

export interface Scene<S extends Running = Running> {
  readonly server: S;
  /** The first visitor. */
  readonly visitor: Visitor;
  /** Another person, with another browser profile. */
  another(options?: BrowserContextOptions): Promise<Visitor>;
}

const STORY_TIMEOUT_MS = 300_000;

async function play<S extends Running>(server: S, act: (scene: Scene<S>) => Promise<void>): Promise<void> {
  const visitors: Visitor[] = [];
  try {
    const browser = await launchBrowser();
    try {
      const another = async (options?: BrowserContextOptions): Promise<Visitor> => {
        const visitor = await newVisitor(browser, server.url, options);
        visitors.push(visitor);
        return visitor;
      };
      await act({ server, visitor: await another(), another });
      for (const visitor of visitors) visitor.expectQuiet();
    } catch (problem) {
      // The log and the last picture say more than the assertion.
      await visitors[0]?.shot('failed').catch(() => undefined);
      process.stderr.write(`${server.log().slice(-4_000)}\n`);
      throw problem;
    } finally {
      await browser.close();
    }
  } finally {
    await server.stop();
  }
}

/** A story on an empty installation, told once for each engine. */
export function story(name: string, act: (scene: Scene) => Promise<void>, engines: readonly Engine[] = ['sqlite']): void {
  for (const engine of engines) {
    test(`${name} (${engine})`, { timeout: STORY_TIMEOUT_MS }, async () => play(await startServer(engine), act));
  }
}

/** A story in the demonstration shop. */
export function demoStory(name: string, act: (scene: Scene<Running & { readonly people: DemoLine }>) => Promise<void>): void {
  test(`${name} (demo)`, { timeout: STORY_TIMEOUT_MS }, async () => play(await startDemo(), act));
}
