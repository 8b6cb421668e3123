// Holds the two price engines against each other: the server's (Rust) and the till's
// (TypeScript) answer the same generated carts, and the first difference ends it.
//
//   cargo build -p domain --examples
//   node e2e/engines.mjs target/debug/examples/quote_lines [COUNT] [SEED]
//
// The carts come from `generate_carts`, built beside the answering binary; they include
// edge values, wrong decimals and texts that are no carts. COUNT is 20,000 unless given.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const [binary, count = '20000', seed = '1'] = process.argv.slice(2);
if (binary === undefined) {
  console.error('usage: node e2e/engines.mjs RUST_BINARY [COUNT] [SEED]');
  process.exit(2);
}

const till = fileURLToPath(new URL('../crates/app/src/features/till/client/quote.cli.mjs', import.meta.url));
const generator = start(join(dirname(binary), 'generate_carts'), [count, seed]);
const rust = start(binary, []);
const typescript = start(process.execPath, [till]);

/** Starts an engine; one that fails ends the comparison. */
function start(command, args) {
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  child.on('error', (error) => fail(`${command}: ${error.message}`));
  child.on('exit', (code) => {
    if (code !== 0) fail(`${command} ended with ${code}`);
  });
  child.stdin.on('error', () => {});
  return child;
}

function fail(message) {
  console.error(message);
  for (const child of [generator, rust, typescript]) child?.kill();
  process.exit(1);
}

generator.stdin.end();

// Node's own line reader would also cut at U+2028, which may stand in a tax code.
async function* lines(stream) {
  let rest = '';
  stream.setEncoding('utf8');
  for await (const chunk of stream) {
    const parts = (rest + chunk).split('\n');
    rest = parts.pop();
    yield* parts;
  }
  if (rest !== '') yield rest;
}

/** Carts in flight at once: enough to keep both engines busy, little enough for memory. */
const BATCH = 5000;

const rustAnswers = lines(rust.stdout);
const tillAnswers = lines(typescript.stdout);
const tally = new Map();
let compared = 0;

async function compare(carts) {
  for (const engine of [rust, typescript]) {
    engine.stdin.write(`${carts.join('\n')}\n`);
  }
  for (const cart of carts) {
    const [ours, theirs] = await Promise.all([rustAnswers.next(), tillAnswers.next()]);
    if (ours.done || ours.value !== theirs.value) {
      fail(`the engines differ, after ${compared} carts alike, on\n${cart}\nserver: ${ours.value}\ntill:   ${theirs.value}`);
    }
    const outcome = /^\{"error":"([a-z_]+)"/.exec(ours.value)?.[1] ?? 'priced';
    tally.set(outcome, (tally.get(outcome) ?? 0) + 1);
    compared += 1;
  }
}

let batch = [];
for await (const cart of lines(generator.stdout)) {
  batch.push(cart);
  if (batch.length === BATCH) {
    await compare(batch);
    batch = [];
  }
}
if (batch.length > 0) await compare(batch);
if (compared !== Number(count)) fail(`${compared} carts were compared instead of ${count}`);
for (const engine of [rust, typescript]) engine.stdin.end();
await Promise.all([rust, typescript].map((engine) => engine.exitCode ?? once(engine, 'exit')));

const outcomes = [...tally].sort(([, a], [, b]) => b - a).map(([outcome, times]) => `${outcome} ${times}`);
console.log(`${compared} carts, the engines agree: ${outcomes.join(', ')}`);
