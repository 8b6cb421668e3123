// Bundles TypeScript tests for node: `bundle.mjs OUT_FOLDER FILE…`.
//
// Prints the made files, one a line. Packages stay outside the bundles; node
// finds them in the folders above OUT_FOLDER, which lies inside the checkout.

import { build } from 'esbuild';
import { join } from 'node:path';

const [folder, ...files] = process.argv.slice(2);

const outputs = files.map((file) => ({
  in: file,
  out: file.replace(/\.tsx?$/, '').replace(/[/\\]/g, '.'),
}));

await build({
  entryPoints: outputs,
  outdir: folder,
  outExtension: { '.js': '.mjs' },
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node20',
  packages: 'external',
  sourcemap: 'inline',
  jsx: 'automatic',
  jsxImportSource: 'preact',
  logLevel: 'warning',
});

for (const { out } of outputs) console.log(join(folder, `${out}.mjs`));
