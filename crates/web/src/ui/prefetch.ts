// Pages are fetched when somebody is about to press a link, on public pages only: a
// signed-in page is `no-store`, and fetching it ahead would be work for nothing.

const asked = new Set<string>();

/** Listens for intent: the pointer resting on a link, or the focus on it. */
export function startPrefetching(): void {
  if (document.documentElement.dataset["prefetch"] !== "on") return;
  const intend = (event: Event): void => {
    const link = event.target instanceof Element ? event.target.closest("a") : null;
    if (!link || link.origin !== location.origin || link.pathname === location.pathname || link.hasAttribute("download")) return;
    if (asked.has(link.pathname)) return;
    asked.add(link.pathname);
    const hint = document.createElement("link");
    hint.rel = "prefetch";
    hint.href = link.pathname + link.search;
    document.head.append(hint);
  };
  document.addEventListener("pointerover", intend, { passive: true });
  document.addEventListener("focusin", intend, { passive: true });
}
