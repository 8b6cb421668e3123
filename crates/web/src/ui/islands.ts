// Islands: the places of a page that a feature's script brings to life.
//
// A feature's `stock_count.island.ts` exports `mount`; a page has
// `<div data-island="stock_count">`. The code is fetched only by pages that have one.
import { islands } from "#gen/islands";

/** Undoes what `mount` did: listeners on the document, timers, streams. */
export type Unmount = () => void;

/** What a feature's `*.island.ts` exports. */
export interface IslandModule {
  mount(element: HTMLElement): Unmount | void;
}

const mounted = new Map<HTMLElement, Unmount | void>();

/** Mounts the islands below the root; an island that fails leaves the plain HTML. */
export async function mountIslands(root: ParentNode): Promise<void> {
  for (const element of root.querySelectorAll<HTMLElement>("[data-island]")) {
    if (mounted.has(element)) continue;
    const load = islands[element.dataset["island"] ?? ""];
    if (!load) continue;
    mounted.set(element, undefined);
    const island = await load();
    // The page may have been swapped while the code was on its way.
    if (element.isConnected) mounted.set(element, island.mount(element));
    else mounted.delete(element);
  }
}

/** Unmounts the islands that are about to leave the page. */
export function unmountIslands(root: ParentNode): void {
  for (const [element, unmount] of mounted) {
    if (!root.contains(element)) continue;
    unmount?.();
    mounted.delete(element);
  }
}
