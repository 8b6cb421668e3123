/**
 * The service worker of the till: keeps the shell and its hashed files, so
 * that the till opens with the server down, after a reload, after a kill.
 *
 * Owns: the caches named `till-…`. Must not know: any person, any sale; it
 * stores nothing but static files that are byte-equal for everybody. Photos it
 * reads only: which ones are kept is the page's matter (photos.ts).
 *
 * **Invariant:** one build is one cache, filled whole or not at all. A new one
 * is used only when the page says that nobody is in the middle of a sale.
 */

import { MEDIA_PATH, PHOTO_CACHE } from "./photos.ts";
import { CACHE_PREFIX, cacheNameOf, filesNamedIn, filesOfShell, SHELL_PATH } from "./shell.ts";

/** What a worker's scope has, of which the DOM library types only the window's. */
interface WorkerScope {
  readonly caches: CacheStorage;
  readonly clients: { claim(): Promise<void>; matchAll(): Promise<readonly { postMessage(message: unknown): void }[]> };
  readonly registration: { readonly active: unknown };
  readonly location: Location;
  skipWaiting(): Promise<void>;
  addEventListener(kind: "install" | "activate", on: (event: LifeEvent) => void): void;
  addEventListener(kind: "fetch", on: (event: AskEvent) => void): void;
  addEventListener(kind: "message", on: (event: LifeEvent & { readonly data: unknown }) => void): void;
}
interface LifeEvent {
  waitUntil(work: Promise<unknown>): void;
}
interface AskEvent extends LifeEvent {
  readonly request: Request;
  respondWith(response: Promise<Response>): void;
}

const worker = self as unknown as WorkerScope;
/** Says which build is in use; the name cannot be one of a build. */
const POINTER_CACHE = `${CACHE_PREFIX}pointer`;
const POINTER = "/ventas/nueva/build";

async function currentName(): Promise<string | null> {
  const kept = await (await worker.caches.open(POINTER_CACHE)).match(POINTER);
  return kept === undefined ? null : kept.text();
}

async function useBuild(name: string): Promise<void> {
  await (await worker.caches.open(POINTER_CACHE)).put(POINTER, new Response(name));
  const old = (await worker.caches.keys()).filter((each) => each.startsWith(CACHE_PREFIX) && each !== name && each !== POINTER_CACHE);
  await Promise.all(old.map((each) => worker.caches.delete(each)));
}

async function fetched(path: string): Promise<Response> {
  const response = await fetch(path, { cache: "no-cache", credentials: "omit", redirect: "error" });
  if (!response.ok) throw new Error(`${path}: ${response.status}`);
  return response;
}

/** Fetches the shell and everything it names; the cache appears only when all is there. */
async function installBuild(): Promise<string> {
  const shell = await fetched(SHELL_PATH);
  const html = await shell.clone().text();
  const name = await cacheNameOf(html, crypto.subtle);
  if (await worker.caches.has(name)) return name;
  const files = new Map<string, Response>([[SHELL_PATH, shell]]);
  const wanted = filesOfShell(html);
  for (let path = wanted.pop(); path !== undefined; path = wanted.pop()) {
    if (files.has(path)) continue;
    const response = await fetched(path);
    files.set(path, response);
    if (/\.(css|js)$/.test(path)) wanted.push(...filesNamedIn(await response.clone().text()));
  }
  await fill(name, files);
  return name;
}

async function fill(name: string, files: ReadonlyMap<string, Response>): Promise<void> {
  const cache = await worker.caches.open(name);
  try {
    await Promise.all([...files].map(([path, response]) => cache.put(path, response)));
  } catch (error) {
    await worker.caches.delete(name);
    throw error;
  }
}

/** Looks for another build and tells the open tills, which know when to change. */
async function lookForBuild(): Promise<void> {
  const [name, current] = [await installBuild(), await currentName()];
  if (current === null) return useBuild(name);
  if (name === current) return;
  for (const client of await worker.clients.matchAll()) client.postMessage({ kind: "new_build", name });
}

async function answer(request: Request, path: string): Promise<Response> {
  const name = await currentName();
  const kept = name === null ? undefined : await (await worker.caches.open(name)).match(path);
  return kept ?? fetch(request);
}

/** A picture that is kept, else the server's: whoever is signed in may see it. */
async function photo(request: Request, path: string): Promise<Response> {
  const kept = await (await worker.caches.open(PHOTO_CACHE)).match(path);
  return kept ?? fetch(request);
}

worker.addEventListener("install", (event) => {
  event.waitUntil(lookForBuild().then(() => worker.skipWaiting()));
});

worker.addEventListener("activate", (event) => {
  event.waitUntil(worker.clients.claim());
});

worker.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  if (event.request.method !== "GET" || url.origin !== worker.location.origin) return;
  const isShell = event.request.mode === "navigate" && url.pathname === SHELL_PATH;
  if (isShell) {
    event.respondWith(answer(event.request, SHELL_PATH));
    event.waitUntil(lookForBuild().catch(() => undefined));
  } else if (url.pathname.startsWith("/static/")) {
    event.respondWith(answer(event.request, url.pathname));
  } else if (url.pathname.startsWith(MEDIA_PATH)) {
    event.respondWith(photo(event.request, url.pathname));
  }
});

worker.addEventListener("message", (event) => {
  const { data } = event;
  if (typeof data !== "object" || data === null || !("kind" in data)) return;
  if (data.kind === "look_for_build") event.waitUntil(lookForBuild().catch(() => undefined));
  if (data.kind === "use_build" && "name" in data && typeof data.name === "string") event.waitUntil(changeTo(data.name));
});

/** The page that asked is idle, and only one page holds the register: all may begin anew. */
async function changeTo(name: string): Promise<void> {
  if (!(await worker.caches.has(name)) || (await currentName()) === name) return;
  await useBuild(name);
  for (const client of await worker.clients.matchAll()) client.postMessage({ kind: "using_build" });
}
