// `npm run contact-sheet [part of a name…]`: bundles and runs `contact-sheet.ts`.

import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

import { build } from 'esbuild';

const root = join(import.meta.dirname, '..');
const outfile = join(root, 'target/contact-sheet/run.mjs');
await build({
  entryPoints: [join(import.meta.dirname, 'contact-sheet.ts')],
  outfile,
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node20',
  packages: 'external',
  logLevel: 'warning',
});

const installed = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find((path) => existsSync(path));
process.env.CHROMIUM ??= installed ?? execFileSync(process.execPath, [join(import.meta.dirname, 'support/unpack-chromium.mjs')], { cwd: root, encoding: 'utf8' }).trim();
process.env.INVENTARIO_BINARY ??= join(root, 'target/debug/inventario');
process.chdir(root);
await import(outfile);
