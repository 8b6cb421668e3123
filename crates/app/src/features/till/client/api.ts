/**
 * How the till asks the server: as a person or as a device, never for longer
 * than it has patience, always measuring the server's clock.
 *
 * Owns: requests, time limits, the clock's offset. Must not know: what the
 * answers mean to a sale.
 */

import { signedHeaders, type Device } from "./device.ts";
import type { Micros } from "./model.ts";

/** A customer waits for this long; after it the sale is made offline. */
export const PATIENCE_MS = 2_000;
/** Pulls and deliveries nobody waits for. */
export const BACKGROUND_MS = 20_000;

export type Answer =
  | { kind: "ok"; body: unknown }
  /** An answer of the server that says no. */
  | { kind: "refused"; status: number; code: string; message: string; fields: Record<string, unknown> }
  /** No answer, or one that says nothing about the request: 5xx, a proxy's page. */
  | { kind: "unanswered"; why: string };

export interface Environment {
  fetch: (path: string, init: RequestInit) => Promise<Response>;
  nowMicros: () => Micros;
  crypto: SubtleCrypto;
  abortAfter: (ms: number) => AbortSignal;
}

export interface Call {
  method: "GET" | "POST";
  path: string;
  body?: unknown;
  limitMs: number;
}

/** The server's clock less this one's, as last measured. */
export interface ClockOffset {
  micros: Micros;
}

export class Api {
  readonly #env: Environment;
  readonly offset: ClockOffset;
  csrf: string | null = null;

  constructor(env: Environment, offset: ClockOffset) {
    this.#env = env;
    this.offset = offset;
  }

  async asPerson(call: Call): Promise<Answer> {
    const headers: Record<string, string> = call.method === "POST" && this.csrf !== null ? { "X-CSRFToken": this.csrf } : {};
    return this.#send(call, bodyText(call), headers, "same-origin");
  }

  /** Signs, and once more with the server's clock where this one is far off. */
  async asDevice(device: Pick<Device, "id" | "privateKey">, call: Call): Promise<Answer> {
    const first = await this.#signAndSend(device, call);
    const isClock = first.kind === "refused" && first.status === 401 && first.code === "DEVICE_CLOCK";
    return isClock ? this.#signAndSend(device, call) : first;
  }

  /** A file as the server sends it; null where nobody answered. */
  async fileAsDevice(device: Pick<Device, "id" | "privateKey">, path: string): Promise<Response | null> {
    const time = this.#env.nowMicros() + this.offset.micros;
    const headers = await signedHeaders(this.#env.crypto, device, { method: "GET", path, body: "" }, time);
    const init: RequestInit = { headers, credentials: "omit", cache: "no-store", redirect: "error", signal: this.#env.abortAfter(BACKGROUND_MS) };
    try {
      const response = await this.#env.fetch(path, init);
      return response.status >= 500 ? null : response;
    } catch {
      return null;
    }
  }

  async #signAndSend(device: Pick<Device, "id" | "privateKey">, call: Call): Promise<Answer> {
    const body = bodyText(call);
    const time = this.#env.nowMicros() + this.offset.micros;
    const headers = await signedHeaders(this.#env.crypto, device, { method: call.method, path: call.path, body }, time);
    return this.#send(call, body, headers, "omit");
  }

  async #send(call: Call, body: string, headers: Record<string, string>, credentials: RequestCredentials): Promise<Answer> {
    const sent = this.#env.nowMicros();
    const init: RequestInit = { method: call.method, headers: { Accept: "application/json", ...headers }, credentials, cache: "no-store", redirect: "error", signal: this.#env.abortAfter(call.limitMs) };
    if (call.method === "POST") {
      init.body = body;
      init.headers = { ...init.headers, "Content-Type": "application/json" };
    }
    try {
      const response = await this.#env.fetch(call.path, init);
      this.#measureClock(response, sent);
      return await readAnswer(response);
    } catch (error) {
      return { kind: "unanswered", why: error instanceof Error ? error.name : "unknown" };
    }
  }

  #measureClock(response: Response, sent: Micros): void {
    const header = response.headers.get("X-Server-Time");
    if (header === null || !/^\d{15,17}$/.test(header)) return;
    const middle = Math.round((sent + this.#env.nowMicros()) / 2);
    this.offset.micros = Number(header) - middle;
  }
}

function bodyText(call: Call): string {
  return call.method === "POST" ? JSON.stringify(call.body ?? {}) : "";
}

async function readAnswer(response: Response): Promise<Answer> {
  if (response.status >= 500) return { kind: "unanswered", why: `status ${response.status}` };
  const isJson = (response.headers.get("Content-Type") ?? "").includes("json");
  if (!isJson) return { kind: "unanswered", why: `status ${response.status} without JSON` };
  const body: unknown = await response.json();
  if (response.ok) return { kind: "ok", body: isRecord(body) && body["success"] === true ? body["data"] : body };
  const error = isRecord(body) ? body : {};
  return {
    kind: "refused",
    status: response.status,
    code: typeof error["code"] === "string" ? error["code"] : `HTTP_${response.status}`,
    message: typeof error["error"] === "string" ? error["error"] : "",
    fields: isRecord(error["fields"]) ? error["fields"] : {},
  };
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
