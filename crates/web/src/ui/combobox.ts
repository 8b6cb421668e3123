// A text field with a list that narrows as one types (the ARIA combobox pattern with
// a list box). The server writes the field and the whole list; what is typed and not
// in the list is sent as typed, and the server decides whether that creates something.
import { fold, matches } from "./words.ts";

function parts(input: HTMLInputElement): { list: HTMLElement; options: HTMLElement[] } | null {
  const list = document.getElementById(input.getAttribute("aria-controls") ?? "");
  if (!list) return null;
  return { list, options: [...list.querySelectorAll<HTMLElement>("[role=option]")] };
}

function close(input: HTMLInputElement): void {
  const found = parts(input);
  if (found) found.list.hidden = true;
  input.setAttribute("aria-expanded", "false");
  input.removeAttribute("aria-activedescendant");
}

function activate(input: HTMLInputElement, options: HTMLElement[], active: HTMLElement | undefined): void {
  for (const option of options) option.setAttribute("aria-selected", String(option === active));
  if (active) {
    input.setAttribute("aria-activedescendant", active.id);
    active.scrollIntoView({ block: "nearest" });
  } else input.removeAttribute("aria-activedescendant");
}

function narrow(input: HTMLInputElement): void {
  const found = parts(input);
  if (!found) return;
  const { list, options } = found;
  const typed = input.value.trim();
  let any = false;
  let exact = false;
  for (const option of options) {
    if (option.hasAttribute("data-new")) continue;
    const fits = matches(typed, option.dataset["value"] ?? "");
    option.hidden = !fits;
    any ||= fits;
    exact ||= fold(option.dataset["value"] ?? "") === fold(typed);
  }
  const fresh = list.querySelector<HTMLElement>("[data-new]");
  if (fresh) {
    fresh.hidden = typed === "" || exact;
    const shown = fresh.querySelector<HTMLElement>("[data-typed]");
    if (shown) shown.textContent = typed;
  }
  list.hidden = !any && (fresh?.hidden ?? true);
  input.setAttribute("aria-expanded", String(!list.hidden));
  activate(input, options, undefined);
}

function choose(input: HTMLInputElement, option: HTMLElement): void {
  if (!option.hasAttribute("data-new")) input.value = option.dataset["value"] ?? input.value;
  close(input);
  input.dispatchEvent(new Event("change", { bubbles: true }));
}

function step(input: HTMLInputElement, by: 1 | -1): void {
  const options = (parts(input)?.options ?? []).filter((option) => !option.hidden);
  if (options.length === 0) return;
  const at = options.findIndex((option) => option.id === input.getAttribute("aria-activedescendant"));
  activate(input, options, options[(at + by + options.length + (at < 0 && by < 0 ? 1 : 0)) % options.length]);
}

const asCombobox = (target: EventTarget | null): HTMLInputElement | null =>
  target instanceof HTMLInputElement && target.matches(".combobox > [role=combobox]") ? target : null;

function onKey(event: KeyboardEvent): void {
  const input = asCombobox(event.target);
  if (!input) return;
  const isOpen = input.getAttribute("aria-expanded") === "true";
  const active = document.getElementById(input.getAttribute("aria-activedescendant") ?? "");
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    if (!isOpen) narrow(input);
    step(input, event.key === "ArrowDown" ? 1 : -1);
  } else if (event.key === "Enter" && isOpen && active) choose(input, active);
  else if (event.key === "Escape" && isOpen) close(input);
  else return;
  event.preventDefault();
  event.stopPropagation();
}

/** Listens on the document, so that what is swapped in needs no wiring. */
export function startComboboxes(): void {
  document.addEventListener("input", (event) => {
    const input = asCombobox(event.target);
    if (input) narrow(input);
  });
  document.addEventListener("keydown", onKey, true);
  document.addEventListener("focusout", (event) => {
    const input = asCombobox(event.target);
    if (input) close(input);
  });
  // Before the field loses the focus, which would close the list under the pointer.
  document.addEventListener("pointerdown", (event) => {
    const option = event.target instanceof Element ? event.target.closest<HTMLElement>(".combobox [role=option]") : null;
    const input = asCombobox(option?.closest(".combobox")?.querySelector("[role=combobox]") ?? null);
    if (!option || !input) return;
    event.preventDefault();
    choose(input, option);
  });
}
