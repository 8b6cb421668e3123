// A database of its own for each story, on the cluster that the test command started.
//
// It speaks just enough of PostgreSQL's protocol (version 3, a trusted
// connection, one simple query) to make and drop a database, so that no driver
// is needed for two statements.

import { connect, type Socket } from 'node:net';

const PROTOCOL_VERSION = 196_608;

/** A message with its length, as the server expects it after the type byte. */
function framed(body: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeInt32BE(body.length + 4);
  return Buffer.concat([length, body]);
}

function startup(user: string, database: string): Buffer {
  const version = Buffer.alloc(4);
  version.writeInt32BE(PROTOCOL_VERSION);
  return framed(Buffer.concat([version, Buffer.from(`user\0${user}\0database\0${database}\0\0`)]));
}

const query = (sql: string): Buffer => Buffer.concat([Buffer.from('Q'), framed(Buffer.from(`${sql}\0`))]);

/** The readable part (`M`) of an ErrorResponse. */
function errorText(body: Buffer): string {
  const field = body.toString('utf8').split('\0').find((part) => part.startsWith('M'));
  return field?.slice(1) ?? 'PostgreSQL refused without a reason';
}

/** Reads messages until the server is ready for the next query. */
async function untilReady(socket: Socket, buffered: { bytes: Buffer }): Promise<void> {
  for (;;) {
    while (buffered.bytes.length >= 5) {
      const length = buffered.bytes.readInt32BE(1);
      if (buffered.bytes.length < length + 1) break;
      const type = String.fromCharCode(buffered.bytes[0] ?? 0);
      const body = buffered.bytes.subarray(5, length + 1);
      buffered.bytes = buffered.bytes.subarray(length + 1);
      if (type === 'E') throw new Error(errorText(body));
      if (type === 'R' && body.readInt32BE(0) !== 0) throw new Error('the test cluster asks for a password');
      if (type === 'Z') return;
    }
    const chunk = await new Promise<Buffer>((resolve, reject) => {
      socket.once('data', resolve);
      socket.once('error', reject);
      socket.once('close', () => reject(new Error('PostgreSQL closed the connection')));
    });
    socket.removeAllListeners('error').removeAllListeners('close');
    buffered.bytes = Buffer.concat([buffered.bytes, chunk]);
  }
}

/** Runs one statement on the server that `url` names. */
async function execute(url: URL, sql: string): Promise<void> {
  const socket = connect(Number(url.port || '5432'), url.hostname);
  try {
    const buffered = { bytes: Buffer.alloc(0) };
    socket.write(startup(decodeURIComponent(url.username) || 'postgres', url.pathname.slice(1) || 'postgres'));
    await untilReady(socket, buffered);
    socket.write(query(sql));
    await untilReady(socket, buffered);
  } finally {
    socket.removeAllListeners();
    socket.destroy();
  }
}

/** A database that is there until it is dropped. */
export interface Database {
  readonly url: string;
  drop(): Promise<void>;
}

/** Makes an empty database; `name` must be unique among the stories that run at once. */
export async function createDatabase(name: string): Promise<Database> {
  const cluster = process.env['INVENTARIO_TEST_PG'];
  if (!cluster) throw new Error('INVENTARIO_TEST_PG is not set: run `cargo xtask test`, which brings its own PostgreSQL');
  const url = new URL(cluster);
  await execute(url, `CREATE DATABASE "${name}" TEMPLATE template0`);
  const own = new URL(cluster);
  own.pathname = `/${name}`;
  return { url: own.href, drop: () => execute(url, `DROP DATABASE IF EXISTS "${name}" WITH (FORCE)`) };
}
