// Forms and marked links in place: the same request and the same page, of which only
// the parts that differ are put in. Without this script they work as HTML does.
//
// It owns the parts of the page named in PARTS. It keeps scroll, focus, the caret and
// what is being typed. Invariant: a form is sent once at a time, and a person never
// loses what they typed because the network failed.
import { mountIslands, unmountIslands } from "./islands.ts";
import { say, watchToasts } from "./toast.ts";
import { parsePage } from "./trusted.ts";

/** What a page exchanges; everything else of the shell stays. */
const PARTS = ["[data-sprite]", "#contenido", "[data-toasts]", "[data-nav]", "[data-nav-bottom]"];

let latest = 0;

function text(name: "offline"): string {
  return document.querySelector<HTMLElement>("[data-toasts]")?.dataset[name] ?? "";
}

interface Caret {
  id: string;
  value: string | null;
  start: number | null;
  end: number | null;
}

function holdCaret(keepTyped: boolean): Caret | null {
  const active = document.activeElement;
  if (!active?.id) return null;
  const typed = active instanceof HTMLInputElement && /^(text|search|tel|url|)$/.test(active.type);
  return {
    id: active.id,
    value: typed && keepTyped ? active.value : null,
    start: typed ? active.selectionStart : null,
    end: typed ? active.selectionEnd : null,
  };
}

function restoreCaret(caret: Caret | null): void {
  const element = caret && document.getElementById(caret.id);
  if (!caret || !element) return;
  element.focus({ preventScroll: true });
  if (!(element instanceof HTMLInputElement)) return;
  if (caret.value !== null) element.value = caret.value;
  if (caret.start !== null) element.setSelectionRange(caret.start, caret.end);
}

/** Puts the parts of the new page in the place of the old ones. */
function show(page: Document, keepTyped: boolean): void {
  const caret = holdCaret(keepTyped);
  for (const part of PARTS) {
    const old = document.querySelector(part);
    const fresh = page.querySelector(part);
    if (!old || !fresh) continue;
    unmountIslands(old);
    const adopted = document.importNode(fresh, true);
    old.replaceWith(adopted);
    void mountIslands(adopted);
  }
  document.title = page.title;
  const wrong = document.querySelector<HTMLElement>("#contenido [aria-invalid='true']");
  if (wrong && !keepTyped) wrong.focus();
  else restoreCaret(caret);
  watchToasts();
  document.dispatchEvent(new CustomEvent("page:shown"));
}

/** A page of another frame (the till, sign-in) or not a page at all is gone to, not put in. */
function fits(response: Response, page: Document): boolean {
  return new URL(response.url).origin === location.origin && page.documentElement.dataset["frame"] === document.documentElement.dataset["frame"];
}

export interface Visit {
  url: string;
  method?: string;
  body?: BodyInit;
  /** Whether the address bar follows; not for going back. */
  push?: boolean;
  /** Search as you type: the caret and the words stay as they are. */
  keepTyped?: boolean;
}

/** Fetches and shows a page; the newest visit wins over slower, older ones. */
export async function visit(asked: Visit): Promise<void> {
  const turn = ++latest;
  const response = await fetch(asked.url, {
    method: asked.method ?? "GET",
    headers: { Accept: "text/html" },
    ...(asked.body === undefined ? {} : { body: asked.body }),
  });
  if (!(response.headers.get("content-type") ?? "").startsWith("text/html")) {
    if ((asked.method ?? "GET") === "GET" || response.redirected) location.assign(response.url);
    else if (turn === latest) say(`${response.status}`);
    return;
  }
  const page = parsePage(await response.text());
  if (turn !== latest) return;
  if (!fits(response, page)) {
    location.assign(response.url);
    return;
  }
  const isElsewhere = new URL(response.url).pathname !== location.pathname;
  if (asked.push ?? true) {
    const here = location.pathname + location.search;
    const url = new URL(response.url);
    const there = url.pathname + url.search;
    if (asked.keepTyped) history.replaceState({ swap: true }, "", there);
    else if (there !== here) history.pushState({ swap: true }, "", there);
  }
  show(page, asked.keepTyped ?? false);
  // The same page stays where it was read; another one begins at its top.
  if (isElsewhere && (asked.push ?? true)) scrollTo({ top: 0, behavior: "instant" });
}

function setBusy(button: HTMLElement | null, busy: boolean): void {
  if (busy) button?.setAttribute("aria-busy", "true");
  else button?.removeAttribute("aria-busy");
}

/** The data of a form with the button that sent it, encoded as HTML would. */
function encode(form: HTMLFormElement, button: HTMLElement | null): BodyInit {
  const data = new FormData(form, button instanceof HTMLButtonElement ? button : undefined);
  if (form.enctype === "multipart/form-data") return data;
  const plain = new URLSearchParams();
  for (const [name, value] of data) if (typeof value === "string") plain.append(name, value);
  return plain;
}

async function send(form: HTMLFormElement, button: HTMLElement | null, keepTyped: boolean): Promise<void> {
  const body = encode(form, button);
  const method = (button?.getAttribute("formmethod") ?? form.getAttribute("method") ?? "get").toUpperCase();
  const action = new URL(button?.getAttribute("formaction") ?? form.getAttribute("action") ?? location.href, location.href);
  if (method !== "GET") return visit({ url: action.href, method, body });
  // Empty filters stay out of the address.
  const filters = new URLSearchParams([...(body as URLSearchParams)].filter(([, value]) => value !== ""));
  action.search = filters.toString();
  return visit({ url: action.href, keepTyped });
}

/** Sends a form in place; a failure leaves it as it was and says so. */
export async function submit(form: HTMLFormElement, button: HTMLElement | null, keepTyped = false): Promise<void> {
  if (form.getAttribute("aria-busy") === "true" && !keepTyped) return;
  form.setAttribute("aria-busy", "true");
  if (!keepTyped) setBusy(button, true);
  try {
    await send(form, button, keepTyped);
  } catch {
    say(text("offline"));
  } finally {
    form.removeAttribute("aria-busy");
    setBusy(button, false);
  }
}

function isPlain(form: HTMLFormElement): boolean {
  return form.hasAttribute("data-plain") || form.target !== "" || form.method === "dialog";
}

/** Listens on the document, so that what is swapped in needs no wiring. */
export function startSwapping(): void {
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented || !(form instanceof HTMLFormElement) || isPlain(form)) return;
    if (new URL(form.action, location.href).origin !== location.origin) return;
    event.preventDefault();
    void submit(form, event.submitter);
  });
  document.addEventListener("click", (event) => {
    const link = event.target instanceof Element ? event.target.closest<HTMLAnchorElement>("a[data-swap]") : null;
    if (!link || event.defaultPrevented || event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    visit({ url: link.href }).catch(() => location.assign(link.href));
  });
  let timer = 0;
  document.addEventListener("input", (event) => {
    const form = event.target instanceof HTMLElement ? event.target.closest<HTMLFormElement>("form[data-live]") : null;
    if (!form) return;
    clearTimeout(timer);
    timer = window.setTimeout(() => void submit(form, null, true), 180);
  });
  addEventListener("popstate", (event: PopStateEvent) => {
    if ((event.state as { swap?: boolean } | null)?.swap || history.length > 1) {
      visit({ url: location.href, push: false }).catch(() => location.reload());
    }
  });
}
