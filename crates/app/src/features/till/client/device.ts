/**
 * Who this browser is: a key pair that cannot leave it, and what it signs.
 *
 * Owns: making the key, the text that is signed, the headers that carry it.
 * Must not know: what is sent, and where the key is kept (store.ts).
 *
 * The format is docs/api/till-protocol.md, "Two ways to be known".
 */

import type { Micros, Uuid } from "./model.ts";

const ALGORITHM: EcKeyGenParams = { name: "ECDSA", namedCurve: "P-256" };
const SIGNING: EcdsaParams = { name: "ECDSA", hash: "SHA-256" };
const LABEL = "inventario-device-v1";

export interface Device {
  id: Uuid;
  privateKey: CryptoKey;
  shop_id: Uuid;
  register: { id: Uuid; name: string; prefix: string };
}

export interface SignedRequest {
  method: string;
  /** Path and query exactly as sent. */
  path: string;
  body: string;
}

export async function makeKeyPair(crypto: SubtleCrypto): Promise<{ privateKey: CryptoKey; publicKey: string }> {
  const pair = await crypto.generateKey(ALGORITHM, false, ["sign", "verify"]);
  const point = await crypto.exportKey("raw", pair.publicKey);
  return { privateKey: pair.privateKey, publicKey: base64url(new Uint8Array(point)) };
}

export async function signedText(crypto: SubtleCrypto, request: SignedRequest, time: Micros): Promise<string> {
  const hash = new Uint8Array(await crypto.digest("SHA-256", new TextEncoder().encode(request.body)));
  return [LABEL, request.method, request.path, hex(hash), String(time)].join("\n");
}

export async function signedHeaders(crypto: SubtleCrypto, device: Pick<Device, "id" | "privateKey">, request: SignedRequest, time: Micros): Promise<Record<string, string>> {
  const text = new TextEncoder().encode(await signedText(crypto, request, time));
  const signature = new Uint8Array(await crypto.sign(SIGNING, device.privateKey, text));
  return { Authorization: `Device ${device.id}.${base64url(signature)}`, "X-Device-Time": String(time) };
}

function hex(bytes: Uint8Array): string {
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

export function base64url(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}
