import assert from "node:assert/strict";
import { webcrypto } from "node:crypto";
import { test } from "node:test";
import { NOW } from "./builders.ts";
import { base64url, makeKeyPair, signedHeaders, signedText } from "./device.ts";
import { uuidV7 } from "./ids.ts";

const subtle = webcrypto.subtle as SubtleCrypto;
const REQUEST = { method: "POST", path: "/api/v1/till/batch", body: '{"items":[]}' };

test("what is signed is the protocol's five lines, without a newline at the end", async () => {
  assert.equal(
    await signedText(subtle, REQUEST, NOW),
    `inventario-device-v1\nPOST\n/api/v1/till/batch\n${await sha256(REQUEST.body)}\n${NOW}`,
  );
  const empty = await signedText(subtle, { method: "GET", path: "/api/v1/till/catalog?since=0", body: "" }, NOW);
  assert.equal(empty.split("\n")[3], "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
});

async function sha256(text: string): Promise<string> {
  return Buffer.from(await webcrypto.subtle.digest("SHA-256", Buffer.from(text))).toString("hex");
}

test("a signature is 64 bytes and verifies against the public half alone", async () => {
  const pair = await makeKeyPair(subtle);
  const headers = await signedHeaders(subtle, { id: "device", privateKey: pair.privateKey }, REQUEST, NOW);
  const [, signature = ""] = /^Device device\.([\w-]{86})$/.exec(headers["Authorization"] ?? "") ?? [];
  assert.equal(Buffer.from(pair.publicKey, "base64url").length, 65);
  const key = await subtle.importKey("raw", Buffer.from(pair.publicKey, "base64url"), { name: "ECDSA", namedCurve: "P-256" }, true, ["verify"]);
  const verify = async (request: typeof REQUEST): Promise<boolean> =>
    subtle.verify({ name: "ECDSA", hash: "SHA-256" }, key, Buffer.from(signature, "base64url"), new TextEncoder().encode(await signedText(subtle, request, NOW)));
  assert.equal(await verify(REQUEST), true);
  assert.equal(await verify({ ...REQUEST, body: '{"items":[1]}' }), false);
  assert.equal(await verify({ ...REQUEST, path: "/api/v1/till/lease" }), false);
  assert.equal(headers["X-Device-Time"], String(NOW));
});

test("the private key cannot leave the browser", async () => {
  const { privateKey } = await makeKeyPair(subtle);
  assert.equal(privateKey.extractable, false);
  await assert.rejects(subtle.exportKey("jwk", privateKey));
});

test("base64url has no padding and no characters that an address would change", () => {
  assert.equal(base64url(new Uint8Array([251, 255, 254, 0])), "-__-AA");
});

test("ids are of version 7 and come in the order of time", () => {
  const zeros = (count: number): Uint8Array => new Uint8Array(count);
  const ones = (count: number): Uint8Array => new Uint8Array(count).fill(255);
  assert.equal(uuidV7(1_645_557_742_000_000, zeros), "017f22e2-79b0-7000-8000-000000000000");
  assert.equal(uuidV7(1_645_557_742_000_000, ones), "017f22e2-79b0-7fff-bfff-ffffffffffff");
  assert.ok(uuidV7(NOW, ones) < uuidV7(NOW + 1_000, zeros));
});
