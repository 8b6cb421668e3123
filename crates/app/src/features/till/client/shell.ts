/**
 * Which files the till consists of, read from the shell and its styles.
 *
 * Owns: that reading, pure. Must not know: caches, the network.
 */

export const SHELL_PATH = "/ventas/nueva/";
export const WORKER_PATH = "/ventas/nueva/sw.js";
export const CACHE_PREFIX = "till-";

/** The hashed files that a page names; nothing of another origin. */
export function filesOfShell(html: string): string[] {
  return unique([...html.matchAll(/\b(?:src|href)="(\/static\/[^"?#]+)"/g)].map((match) => match[1] ?? ""));
}

/** What styles and scripts name in turn: fonts, pictures, parts loaded later. */
export function filesNamedIn(text: string): string[] {
  const urls = [...text.matchAll(/url\(\s*["']?(\/static\/[^"')?#]+)["']?\s*\)/g)].map((match) => match[1] ?? "");
  const parts = [...text.matchAll(/["'](?:\.\/|\/static\/)([\w.-]+-[A-Z0-9]{8}\.js)["']/g)].map((match) => `/static/${match[1] ?? ""}`);
  return unique([...urls, ...parts]);
}

function unique(paths: string[]): string[] {
  return [...new Set(paths.filter((path) => path !== ""))];
}

/** One build, one cache: named by the bytes of the shell, which name every file. */
export async function cacheNameOf(html: string, crypto: SubtleCrypto): Promise<string> {
  const hash = new Uint8Array(await crypto.digest("SHA-256", new TextEncoder().encode(html)));
  return CACHE_PREFIX + [...hash.slice(0, 12)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
