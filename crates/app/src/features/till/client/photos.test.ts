import assert from "node:assert/strict";
import { test } from "node:test";
import { KEPT_MAX, PHOTO_CACHE, photosIn } from "./photos.ts";

const ORIGIN = "https://tienda.example";

/** As much of a browser's caches as photos need. */
function someCaches(): { storage: CacheStorage; kept: Map<string, string> } {
  const kept = new Map<string, string>();
  const cache = {
    keys: () => Promise.resolve([...kept.keys()].map((path) => ({ url: ORIGIN + path }))),
    delete: (path: string) => Promise.resolve(kept.delete(path)),
    put: async (path: string, response: Response) => void kept.set(path, await response.text()),
  };
  const storage = {
    open: (name: string) => Promise.resolve(name === PHOTO_CACHE ? cache : undefined),
    delete: (name: string) => Promise.resolve(name === PHOTO_CACHE && (kept.clear(), true)),
  };
  return { storage: storage as unknown as CacheStorage, kept };
}

const picture = (text: string): Response => new Response(text, { headers: { "Content-Type": "image/jpeg" } });

test("a photo is asked for once, by the device, and kept under the page's address", async () => {
  const { storage, kept } = someCaches();
  const asked: string[] = [];
  const photos = photosIn(storage, (path) => {
    asked.push(path);
    return Promise.resolve(picture(path));
  });
  await photos.keep(["/media/a-s.jpg", "/media/b-s.jpg"]);
  await photos.keep(["/media/a-s.jpg", "/media/b-s.jpg"]);
  assert.deepEqual(asked, ["/api/v1/till/photos/a-s.jpg", "/api/v1/till/photos/b-s.jpg"]);
  assert.deepEqual([...kept.keys()], ["/media/a-s.jpg", "/media/b-s.jpg"]);
});

test("what no product has any more goes, and a revoked till keeps nothing", async () => {
  const { storage, kept } = someCaches();
  const photos = photosIn(storage, (path) => Promise.resolve(picture(path)));
  await photos.keep(["/media/a-s.jpg", "/media/b-s.jpg"]);
  await photos.keep(["/media/b-s.jpg"]);
  assert.deepEqual([...kept.keys()], ["/media/b-s.jpg"]);
  await photos.drop();
  assert.equal(kept.size, 0);
});

test("without a server nothing more is asked for, and what is no picture is not kept", async () => {
  const { storage, kept } = someCaches();
  let answers: (Response | null)[] = [new Response("<h1>Entrar</h1>", { headers: { "Content-Type": "text/html" } }), new Response("", { status: 404 }), picture("c"), null];
  let asked = 0;
  const photos = photosIn(storage, () => {
    asked += 1;
    return Promise.resolve(answers.shift() ?? null);
  });
  await photos.keep(["a", "b", "c", "d", "e"].map((name) => `/media/${name}-s.jpg`));
  assert.equal(asked, 4);
  assert.deepEqual([...kept.keys()], ["/media/c-s.jpg"]);
  answers = [];
  await photos.keep(["https://elsewhere.example/x.jpg", "/static/x.jpg"]);
  assert.equal(asked, 4, "an address of another kind is never asked for");
});

test("no more are kept than a browser has room for", async () => {
  const { storage, kept } = someCaches();
  const photos = photosIn(storage, (path) => Promise.resolve(picture(path)));
  await photos.keep(Array.from({ length: KEPT_MAX + 5 }, (_, at) => `/media/${at}-s.jpg`));
  assert.equal(kept.size, KEPT_MAX);
});
