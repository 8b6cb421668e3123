// The command palette (Ctrl K, or the magnifier): screens at once, and products,
// customers and sales as the server finds them at the address in `data-url`.
//
// Everything is built with DOM calls; no text ever becomes markup.
import { matches } from "./words.ts";

interface Found {
  readonly group: string;
  readonly label: string;
  readonly href: string;
  readonly hint?: string;
}

const isFound = (value: unknown): value is Found => {
  const found = value as Partial<Record<keyof Found, unknown>> | null;
  // Only own addresses: an answer can never lead elsewhere.
  return typeof found?.group === "string" && typeof found.label === "string" && typeof found.href === "string" && /^\/(?!\/)/.test(found.href);
};

/** The results of an answer's envelope; anything else is none. */
export function readAnswer(answer: unknown): Found[] {
  const data = (answer as { data?: unknown } | null)?.data;
  return Array.isArray(data) ? data.filter(isFound) : [];
}

function screens(dialog: HTMLDialogElement, asked: string): Found[] {
  const group = dialog.dataset["screens"] ?? "";
  const seen = new Map<string, Found>();
  for (const link of document.querySelectorAll<HTMLAnchorElement>("[data-nav] a[href]")) {
    const label = link.querySelector(".label")?.textContent?.trim() ?? "";
    if (label !== "" && matches(asked, label)) seen.set(link.pathname, { group, label, href: link.pathname });
  }
  return [...seen.values()];
}

function show(dialog: HTMLDialogElement, results: Found[]): void {
  const list = dialog.querySelector<HTMLElement>("[data-results]");
  if (!list) return;
  const nodes: HTMLElement[] = [];
  let group = "";
  for (const [index, found] of results.entries()) {
    if (found.group !== group) {
      group = found.group;
      const title = document.createElement("p");
      title.className = "menu-title";
      title.textContent = group;
      nodes.push(title);
    }
    const link = document.createElement("a");
    link.href = found.href;
    link.textContent = found.label;
    if (found.hint !== undefined) {
      const hint = document.createElement("small");
      hint.className = "quiet";
      hint.textContent = found.hint;
      link.append(hint);
    }
    if (index === 0) link.setAttribute("aria-current", "true");
    nodes.push(link);
  }
  list.replaceChildren(...nodes);
  const none = dialog.querySelector<HTMLElement>("[data-none]");
  if (none) none.hidden = results.length > 0;
}

function move(dialog: HTMLDialogElement, by: 1 | -1): void {
  const links = [...dialog.querySelectorAll<HTMLAnchorElement>("[data-results] a")];
  const at = links.findIndex((link) => link.hasAttribute("aria-current"));
  const next = links[(at + by + links.length) % links.length];
  for (const link of links) link.removeAttribute("aria-current");
  next?.setAttribute("aria-current", "true");
  next?.scrollIntoView({ block: "nearest" });
}

/** Wires the palette of the page, if it has one. */
export function startPalette(): void {
  const found = document.getElementById("paleta");
  const input = found?.querySelector("input");
  if (!(found instanceof HTMLDialogElement) || !input) return;
  const dialog = found;
  let turn = 0;
  let timer = 0;
  /** Settled when the lines belong to what is typed; asked for at Enter, so that it never opens an older answer. */
  let answered: Promise<void> | null = null;
  const ask = async (): Promise<void> => {
    const asked = input.value;
    const mine = ++turn;
    const near = screens(dialog, asked);
    show(dialog, near);
    const url = dialog.dataset["url"];
    if (!url || asked.trim().length < 2) return;
    const response = await fetch(`${url}?q=${encodeURIComponent(asked)}`, { headers: { Accept: "application/json" } });
    if (response.ok && mine === turn) show(dialog, [...near, ...readAnswer(await response.json())]);
  };
  const open = (): void => {
    input.value = "";
    answered = null;
    void settle();
    dialog.showModal();
  };
  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey && event.key.toLowerCase() === "k") {
      event.preventDefault();
      if (!dialog.open) open();
    }
  });
  document.addEventListener("click", (event) => {
    if (event.target instanceof Element && event.target.closest("[data-palette]")) {
      event.preventDefault();
      open();
    }
  });
  const settle = (): Promise<void> => {
    clearTimeout(timer);
    answered ??= ask().catch(() => undefined);
    return answered;
  };
  input.addEventListener("input", () => {
    clearTimeout(timer);
    answered = null;
    timer = window.setTimeout(() => void settle(), 120);
  });
  input.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") move(dialog, event.key === "ArrowDown" ? 1 : -1);
    else if (event.key === "Enter") void settle().then(() => dialog.querySelector<HTMLAnchorElement>("[data-results] [aria-current]")?.click());
    else return;
    event.preventDefault();
  });
}
