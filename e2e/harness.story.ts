// The stories trust the watch over the browser; here it is shown that the watch bites.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';

import { launchBrowser, newVisitor, type Visitor } from './support/browser.ts';
import { createDatabase } from './support/postgres.ts';

const head = '<!doctype html><html lang="es"><head><title>Prueba</title></head><body><main><h1>Prueba</h1>';

/** Pages that go wrong in one way each, and one that does not. */
const pages: Readonly<Record<string, { body: string; status?: number; policy?: string }>> = {
  '/quiet': { body: head },
  '/console': { body: `${head}<script>console.error("una queja")</script>` },
  '/uncaught': { body: `${head}<script>throw new Error("sin atrapar")</script>` },
  '/policy': { body: `${head}<script>var inline = 1</script>`, policy: "default-src 'none'" },
  '/failed': { body: head, status: 500 },
  '/unlabelled': { body: `${head}<img src="data:image/gif;base64,R0lGODlhAQABAAAAACw="></main>` },
};

async function withPages(act: (visitor: Visitor) => Promise<void>): Promise<void> {
  const server = createServer((request, response) => {
    const page = pages[request.url ?? ''];
    response.writeHead(page ? (page.status ?? 200) : 204, {
      'content-type': 'text/html; charset=utf-8',
      ...(page?.policy ? { 'content-security-policy': page.policy } : {}),
    });
    response.end(page?.body);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const browser = await launchBrowser();
  try {
    await act(await newVisitor(browser, `http://127.0.0.1:${(server.address() as AddressInfo).port}`));
  } finally {
    await browser.close();
    server.closeAllConnections();
    server.close();
  }
}

test('the watch names what the browser complains about and nothing else', async () => {
  await withPages(async (visitor) => {
    const expected = [
      ['/quiet', null],
      ['/console', /console: una queja/],
      ['/uncaught', /uncaught: .*sin atrapar/],
      ['/policy', /policy: script-src-elem refused inline/],
      ['/failed', /answer 500/],
    ] as const;
    for (const [path, complaint] of expected) {
      await visitor.page.goto(path, { waitUntil: 'networkidle' });
      if (complaint === null) visitor.expectQuiet();
      else assert.throws(() => visitor.expectQuiet(), complaint, path);
    }
  });
});

test('a page that a screen reader cannot read is refused', async () => {
  await withPages(async (visitor) => {
    await visitor.page.goto('/unlabelled');
    await assert.rejects(visitor.expectAccessible(), /image-alt/);
    await visitor.page.goto('/quiet');
    await visitor.expectAccessible();
  });
});

test('a story on PostgreSQL gets a database of its own', async () => {
  const database = await createDatabase(`harness_${process.pid}`);
  await assert.rejects(createDatabase(`harness_${process.pid}`), /already exists/);
  await database.drop();
});
