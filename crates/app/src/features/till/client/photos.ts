/**
 * The pictures of the shelf, kept for the time without a server.
 *
 * Owns: the cache of photos. Must not know: what a photo is of, the screen.
 * A photo's address is a hash of what stands there, so that a kept one is never
 * wrong; the worker answers from here and asks the server for what is not here.
 */

/** Not one of a build's caches, which go with their build. */
export const PHOTO_CACHE = "inventario-photos";
/** Where the pictures of a catalogue stand, as a page asks for them. */
export const MEDIA_PATH = "/media/";
/** Where a device asks for the same. */
const DEVICE_PATH = "/api/v1/till/photos/";
/** Some megabytes; the shelf shows fewer. */
export const KEPT_MAX = 400;

export interface Photos {
  /** Keeps these and no others; what cannot be had now is had later. */
  keep(addresses: readonly string[]): Promise<void>;
  /** Forgets all of them, as a till that was revoked must. */
  drop(): Promise<void>;
}

/** The picture of an address, as the device asks for it; null where the server is away. */
export type AskForPhoto = (path: string) => Promise<Response | null>;

export function photosIn(caches: CacheStorage, ask: AskForPhoto): Photos {
  return {
    async keep(addresses) {
      const wanted = addresses.filter((address) => address.startsWith(MEDIA_PATH)).slice(0, KEPT_MAX);
      const cache = await caches.open(PHOTO_CACHE);
      const kept = new Set((await cache.keys()).map((request) => new URL(request.url).pathname));
      await Promise.all([...kept].filter((path) => !wanted.includes(path)).map((path) => cache.delete(path)));
      for (const address of wanted) {
        if (kept.has(address)) continue;
        const response = await ask(DEVICE_PATH + address.slice(MEDIA_PATH.length));
        if (response === null) return;
        if (isPicture(response)) await cache.put(address, response);
      }
    },
    async drop() {
      await caches.delete(PHOTO_CACHE);
    },
  };
}

function isPicture(response: Response): boolean {
  return response.ok && (response.headers.get("Content-Type") ?? "").startsWith("image/");
}
