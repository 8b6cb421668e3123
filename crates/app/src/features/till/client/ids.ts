/**
 * Ids of version 7 (RFC 9562, 5.7): made here, ordered by time, so that the
 * server can index them and a repetition is known.
 *
 * Owns: the layout. Time and randomness are given.
 */

import type { Micros, Uuid } from "./model.ts";

export type RandomBytes = (count: number) => Uint8Array;

export function uuidV7(nowMicros: Micros, randomBytes: RandomBytes): Uuid {
  const bytes = randomBytes(16);
  let millis = Math.floor(nowMicros / 1000);
  for (let at = 5; at >= 0; at -= 1) {
    bytes[at] = millis % 256;
    millis = Math.floor(millis / 256);
  }
  bytes[6] = 0x70 | ((bytes[6] ?? 0) & 0x0f);
  bytes[8] = 0x80 | ((bytes[8] ?? 0) & 0x3f);
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}
