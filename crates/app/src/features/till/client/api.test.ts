import assert from "node:assert/strict";
import { webcrypto } from "node:crypto";
import { test } from "node:test";
import { Api, type Environment } from "./api.ts";
import { NOW } from "./builders.ts";
import { makeKeyPair } from "./device.ts";

const subtle = webcrypto.subtle as SubtleCrypto;
const HOUR = 3_600_000_000;

interface Sent {
  path: string;
  init: RequestInit;
}

function api(answers: ((sent: Sent) => Response | Promise<Response>)[]): { api: Api; sent: Sent[] } {
  const sent: Sent[] = [];
  const environment: Environment = {
    fetch: async (path, init) => {
      sent.push({ path, init });
      const next = answers.shift();
      if (next === undefined) throw new TypeError("no network");
      return next({ path, init });
    },
    nowMicros: () => NOW,
    crypto: subtle,
    abortAfter: () => new AbortController().signal,
  };
  return { api: new Api(environment, { micros: 0 }), sent };
}

function json(status: number, body: unknown, headers: Record<string, string> = {}): () => Response {
  return () => new Response(JSON.stringify(body), { status, headers: { "Content-Type": "application/json", ...headers } });
}

const CALL = { method: "POST", path: "/x", body: { a: 1 }, limitMs: 2000 } as const;

test("an answer is read with or without the envelope", async () => {
  const { api: till } = api([json(200, { a: 1 }), json(200, { success: true, data: { a: 1 } })]);
  assert.deepEqual(await till.asPerson(CALL), { kind: "ok", body: { a: 1 } });
  assert.deepEqual(await till.asPerson(CALL), { kind: "ok", body: { a: 1 } });
});

test("a no of the server carries its code; a proxy's page and a 500 are no answer", async () => {
  const html = (): Response => new Response("<h1>", { status: 403, headers: { "Content-Type": "text/html" } });
  const { api: till } = api([json(409, { success: false, error: "Ocupada", code: "CONFLICT", fields: { a: "b" } }), html, json(503, { code: "CONFLICT" })]);
  assert.deepEqual(await till.asPerson(CALL), { kind: "refused", status: 409, code: "CONFLICT", message: "Ocupada", fields: { a: "b" } });
  assert.equal((await till.asPerson(CALL)).kind, "unanswered");
  assert.equal((await till.asPerson(CALL)).kind, "unanswered");
  assert.deepEqual(await till.asPerson(CALL), { kind: "unanswered", why: "TypeError" });
});

test("a person's request carries cookie and token, a device's neither", async () => {
  const { api: till, sent } = api([json(200, {}), json(200, {})]);
  till.csrf = "token";
  const { privateKey } = await makeKeyPair(subtle);
  await till.asPerson(CALL);
  await till.asDevice({ id: "d", privateKey }, CALL);
  const [person, device] = sent.map(({ init }) => [init.credentials, new Headers(init.headers).get("X-CSRFToken"), new Headers(init.headers).has("Authorization")]);
  assert.deepEqual(person, ["same-origin", "token", false]);
  assert.deepEqual(device, ["omit", null, true]);
});

test("a clock that is far off is measured and the request signed again with it", async () => {
  const { api: till, sent } = api([json(401, { success: false, code: "DEVICE_CLOCK" }, { "X-Server-Time": String(NOW + 30 * HOUR) }), json(200, { ok: true })]);
  const { privateKey } = await makeKeyPair(subtle);
  assert.equal((await till.asDevice({ id: "d", privateKey }, CALL)).kind, "ok");
  assert.deepEqual(sent.map(({ init }) => new Headers(init.headers).get("X-Device-Time")), [String(NOW), String(NOW + 30 * HOUR)]);
  assert.equal(till.offset.micros, 30 * HOUR);
});

test("other refusals are not asked again", async () => {
  const { api: till, sent } = api([json(401, { success: false, code: "DEVICE_SIGNATURE" })]);
  const { privateKey } = await makeKeyPair(subtle);
  assert.equal((await till.asDevice({ id: "d", privateKey }, CALL)).kind, "refused");
  assert.equal(sent.length, 1);
});
