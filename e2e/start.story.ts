// An empty installation starts and says that it is ready.
//
// The answer is fetched, not shown: Chromium styles a plain text it shows with an
// inline style of its own, which our policy rightly refuses and the watch reports.

import assert from 'node:assert/strict';

import { story } from './support/story.ts';

story(
  'an empty installation is ready for its first visitor',
  async ({ server, visitor }) => {
    const response = await visitor.page.request.get('/readyz');
    assert.equal(response.status(), 200);
    const headers = response.headers();
    assert.match(headers['content-security-policy'] ?? '', /default-src 'none'/);
    assert.equal(headers['server'], undefined);
    assert.match(await server.command(['version']), /^inventario \d/);
  },
  ['sqlite', 'postgres'],
);
