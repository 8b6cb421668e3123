// Runs `quote.cli.ts`: bundles it in memory, so that runs side by side share no file and a
// checkout that cannot be written to still answers.

import { buildSync } from 'esbuild';
import { fileURLToPath } from 'node:url';

const { outputFiles } = buildSync({
  entryPoints: [fileURLToPath(new URL('quote.cli.ts', import.meta.url))],
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node20',
  write: false,
  logLevel: 'error',
});

await import(`data:text/javascript;base64,${Buffer.from(outputFiles[0].contents).toString('base64')}`);
