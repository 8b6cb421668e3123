// Starts the built binary for a story and stops it afterwards.
//
// Each server has a folder and, on PostgreSQL, a database of its own. It knows
// the command line and nothing of the pages behind it.

import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { createInterface } from 'node:readline';

import { createDatabase, type Database } from './postgres.ts';

export type Engine = 'sqlite' | 'postgres';

export interface Account {
  readonly username: string;
  readonly password: string;
}

/** What `inventario demo --json` prints first. */
export interface DemoLine {
  readonly url: string;
  readonly admin: Account;
  readonly seller: Account;
}

/** A server that runs until it is stopped. */
export interface Running {
  /** Its address, without a slash at the end. */
  readonly url: string;
  /** Runs another command beside the server, on the same data, and returns what it prints. */
  command(args: readonly string[], input?: string): Promise<string>;
  /** What the server wrote to stderr so far: its log. */
  log(): string;
  /** Ends it as an operator would (SIGTERM) and removes its data. */
  stop(): Promise<void>;
}

const binary = process.env['INVENTARIO_BINARY'] ?? 'target/debug/inventario';
const START_TIMEOUT_MS = 60_000;

/** Starts a program and returns its first line of output; fails with its log if there is none. */
async function firstLine(child: ChildProcess, log: () => string): Promise<string> {
  if (!child.stdout) throw new Error('the server was started without a pipe');
  const lines = createInterface({ input: child.stdout });
  const stop = AbortSignal.timeout(START_TIMEOUT_MS);
  const line = once(lines, 'line', { signal: stop }).then(([text]) => String(text));
  const failed = Promise.race([once(child, 'exit', { signal: stop }), once(child, 'error', { signal: stop })]);
  const early = failed.then(([reason]): string => {
    throw new Error(`the server ended before it answered (${String(reason)}):\n${log()}`);
  });
  // Whichever loses the race settles later, and nobody is waiting for it then.
  early.catch(() => undefined);
  return Promise.race([line, early]);
}

/** Runs a program to its end and returns its output. */
async function run(args: readonly string[], env: NodeJS.ProcessEnv, cwd: string, input: string): Promise<string> {
  const child = spawn(binary, args, { env, cwd, stdio: 'pipe' });
  let output = '';
  let errors = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  // A command that reads nothing may have ended before it is given anything.
  child.stdin.on('error', () => undefined);
  child.stdin.end(input);
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(`inventario ${args.join(' ')} ended with ${String(code)}: ${errors}`);
  return output;
}

/** The environment without settings of whoever runs the tests: DEBUG on, data in `folder`. */
function environment(folder: string, settings: Readonly<Record<string, string>>): NodeJS.ProcessEnv {
  const { PATH, HOME, TMPDIR, LD_LIBRARY_PATH } = process.env;
  return { PATH, HOME, TMPDIR, LD_LIBRARY_PATH, DEBUG: 'True', DATA_DIR: join(folder, 'data'), ...settings };
}

interface Started {
  readonly line: string;
  readonly running: Omit<Running, 'url'>;
}

async function start(
  args: readonly string[],
  folder: string,
  settings: Readonly<Record<string, string>>,
  database?: Database,
): Promise<Started> {
  const env = environment(folder, settings);
  const child = spawn(binary, args, { env, cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
  let errors = '';
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  const ended = once(child, 'close');
  ended.catch(() => undefined);
  const stop = async (): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM');
    await ended.catch(() => undefined);
    await database?.drop();
    await rm(folder, { recursive: true, force: true });
  };
  try {
    const line = await firstLine(child, () => errors);
    const command = (more: readonly string[], input = ''): Promise<string> => run(more, env, folder, input);
    return { line, running: { command, log: () => errors, stop } };
  } catch (problem) {
    await stop();
    throw problem;
  }
}

const temporaryFolder = (): Promise<string> => mkdtemp(join(tmpdir(), 'inventario-e2e-'));

/** An empty installation: `inventario serve` on a free port. */
export async function startServer(
  engine: Engine = 'sqlite',
  settings: Readonly<Record<string, string>> = {},
): Promise<Running> {
  const folder = await temporaryFolder();
  const database = engine === 'postgres' ? await createDatabase(basename(folder).toLowerCase()) : undefined;
  const all = database ? { DATABASE_URL: database.url, ...settings } : settings;
  const { line, running } = await start(['serve', '--bind', '127.0.0.1:0'], folder, all, database);
  const url = /https?:\/\/[^\s/]+/.exec(line)?.[0];
  if (url === undefined) {
    await running.stop();
    throw new Error(`the first line of the server names no address: ${line}`);
  }
  return { url, ...running };
}

/** The demonstration shop with its people. */
export async function startDemo(): Promise<Running & { readonly people: DemoLine }> {
  const folder = await temporaryFolder();
  const args = ['demo', '--json', '--bind', '127.0.0.1:0', '--dir', join(folder, 'data')];
  const { line, running } = await start(args, folder, {});
  const people = JSON.parse(line) as DemoLine;
  return { url: people.url.replace(/\/$/, ''), people, ...running };
}
