// Unpacks the Chromium of the npm package: `unpack-chromium.mjs FOLDER`.
//
// Prints where its executable lies. Chromium's own shared libraries come from
// the system where it has them and from the package where it has not.

import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';

const folder = resolve(process.argv[2] ?? 'target/browser');
mkdirSync(folder, { recursive: true });
// The package unpacks into the system's temporary folder, which may be small or forbid programs.
process.env.TMPDIR = folder;

const { default: chromium, inflate } = await import('@sparticuz/chromium');
const executable = await chromium.executablePath();

/** The shared libraries that the executable asks for and nobody has. */
function missingLibraries() {
  try {
    return execFileSync('ldd', [executable], { encoding: 'utf8' })
      .split('\n')
      .filter((line) => line.includes('not found'))
      .map((line) => line.trim().split(' ')[0]);
  } catch {
    return [];
  }
}

if (missingLibraries().length > 0) {
  const packed = join(import.meta.dirname, '../../node_modules/@sparticuz/chromium/bin/al2023.tar.br');
  if (existsSync(packed)) await inflate(packed);
}
console.log(executable);
