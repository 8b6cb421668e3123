// An empty installation starts, says that it is ready, and answers a browser without a complaint.

import assert from 'node:assert/strict';

import { story } from './support/story.ts';

story(
  'an empty installation is ready for its first visitor',
  async ({ server, visitor }) => {
    const response = await visitor.page.goto('/readyz');
    assert.equal(response?.status(), 200);
    const headers = response?.headers() ?? {};
    assert.match(headers['content-security-policy'] ?? '', /default-src 'none'/);
    assert.equal(headers['server'], undefined);
    assert.match(await server.command(['version']), /^inventario \d/);
  },
  ['sqlite', 'postgres'],
);
