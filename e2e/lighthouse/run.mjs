// Lighthouse over the pages that a shop opens most: `npm ci && npm start` in this folder.
//
// It is evidence and no test: heavy, slow and sensitive to a busy machine, so that it has
// a package folder of its own and the test command knows nothing of it. It serves the
// built demonstration and prints one line a page; under 95 in any category it ends with 1.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

import { launch } from 'chrome-launcher';
import lighthouse, { desktopConfig } from 'lighthouse';
import puppeteer from 'puppeteer-core';

const LEAST = 95;
const root = join(import.meta.dirname, '../..');
const binary = process.env.INVENTARIO_BINARY ?? join(root, 'target/debug/inventario');
const installed = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find((path) => existsSync(path));
const chromePath = process.env.CHROMIUM ?? installed;

/** The demonstration, and what its owner may read. */
async function startDemo(folder) {
  const args = ['demo', '--json', '--bind', '127.0.0.1:0', '--dir', join(folder, 'data')];
  const server = spawn(binary, args, { cwd: folder, stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = await once(createInterface({ input: server.stdout }), 'line');
  return { server, ...JSON.parse(line) };
}

/** Signs in as a browser does and returns the cookies. */
async function signIn(url, account) {
  const jar = new Map();
  const ask = async (path, options = {}) => {
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ');
    const answer = await fetch(new URL(path, url), { redirect: 'manual', ...options, headers: { cookie, origin: url.replace(/\/$/, ''), ...options.headers } });
    for (const line of answer.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(line);
      jar.set(name, value);
    }
    return answer;
  };
  const page = await (await ask('/login/')).text();
  const token = /name="csrfmiddlewaretoken" value="([^"]+)"/.exec(page)[1];
  const body = new URLSearchParams({ csrfmiddlewaretoken: token, ...account });
  const answer = await ask('/login/', { method: 'POST', body });
  if (answer.status !== 303) throw new Error(`signing in answered ${answer.status}`);
  const sales = await (await ask('/ventas/')).text();
  const sale = /href="(\/ventas\/[0-9a-f-]{36}\/)"/.exec(sales)[1];
  return { cookies: [...jar].map(([name, value]) => ({ name, value, domain: new URL(url).hostname, path: '/' })), sale };
}

const folder = await mkdtemp(join(tmpdir(), 'inventario-lighthouse-'));
const { server, url, admin } = await startDemo(folder);
const flags = ['--headless=new', '--disable-gpu', ...(process.getuid?.() === 0 ? ['--no-sandbox'] : [])];
const chrome = await launch({ chromePath, chromeFlags: flags });
let worst = 100;
try {
  const { cookies, sale } = await signIn(url, admin);
  const browser = await puppeteer.connect({ browserURL: `http://127.0.0.1:${chrome.port}`, defaultViewport: null });
  const pages = ['/', '/login/', '/dashboard/', '/productos/', sale, '/ventas/nueva/'];
  for (const formFactor of ['mobile', 'desktop']) {
    const config = formFactor === 'desktop' ? desktopConfig : undefined;
    for (const path of pages) {
      // The first two are what a stranger sees; a member would be led on from them.
      await browser.deleteCookie(...(await browser.cookies()));
      if (pages.indexOf(path) > 1) await browser.setCookie(...cookies);
      const options = { port: chrome.port, logLevel: 'error' };
      const { lhr } = await lighthouse(new URL(path, url).href, options, config);
      if (lhr.runtimeError) throw new Error(`${path}: ${lhr.runtimeError.message}`);
      const scores = Object.values(lhr.categories).map(({ id, score }) => [id, Math.round((score ?? 0) * 100)]);
      worst = Math.min(worst, ...scores.map(([, score]) => score));
      const lost = Object.values(lhr.categories).flatMap(({ auditRefs }) =>
        auditRefs.filter(({ id, weight }) => weight > 0 && (lhr.audits[id].score ?? 1) < 0.9).map(({ id }) => `${id} (${lhr.audits[id].displayValue ?? lhr.audits[id].score})`),
      );
      for (const each of lhr.audits['errors-in-console'].details?.items ?? []) lost.push(`console: ${each.description} ${each.sourceLocation?.url ?? ''}`);
      const name = path === sale ? '/ventas/{id}/' : path;
      console.log(`${formFactor.padEnd(8)}${name.padEnd(18)}${scores.map(([id, score]) => `${id} ${score}`).join('  ')}  LCP ${lhr.audits['largest-contentful-paint'].displayValue}  CLS ${lhr.audits['cumulative-layout-shift'].displayValue}${lost.length > 0 ? `  lost: ${lost.join(', ')}` : ''}`);
    }
  }
} finally {
  await chrome.kill();
  server.kill('SIGTERM');
  await once(server, 'exit');
  await rm(folder, { recursive: true, force: true });
}
process.exitCode = worst < LEAST ? 1 : 0;
