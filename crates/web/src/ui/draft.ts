// Drafts: a long form (`data-draft="key"`) that was left by accident is found again.
//
// Kept in this tab only (sessionStorage), so that nothing of one person waits for the
// next one at a shared computer. Passwords and hidden fields are never kept.
import { visit } from "./swap.ts";

type Values = Record<string, string>;

const nameOf = (form: HTMLFormElement): string => `draft:${form.dataset["draft"] ?? ""}`;

/** Whether a field's content may be kept. */
export function isKept(type: string, name: string): boolean {
  return name !== "" && !["password", "hidden", "file", "submit", "button", "checkbox", "radio"].includes(type);
}

function values(form: HTMLFormElement): Values {
  const out: Values = {};
  for (const field of form.elements) {
    if (!(field instanceof HTMLInputElement || field instanceof HTMLTextAreaElement || field instanceof HTMLSelectElement)) continue;
    if (isKept(field.type, field.name)) out[field.name] = field.value;
  }
  return out;
}

function restore(form: HTMLFormElement): void {
  const kept = sessionStorage.getItem(nameOf(form));
  // A page that shows errors holds what was just sent, which is newer.
  if (kept === null || form.querySelector("[aria-invalid='true']")) return;
  const before = values(form);
  const draft = JSON.parse(kept) as Values;
  let differs = false;
  for (const [name, value] of Object.entries(draft)) {
    const field = form.elements.namedItem(name);
    if (!(field instanceof HTMLInputElement || field instanceof HTMLTextAreaElement || field instanceof HTMLSelectElement)) continue;
    differs ||= before[name] !== value;
    field.value = value;
  }
  const note = form.querySelector<HTMLElement>("[data-draft-note]");
  if (note) note.hidden = !differs;
}

/** Watches the drafts of the page, now and after each swap. */
export function startDrafts(): void {
  const begin = (): void => {
    for (const form of document.querySelectorAll<HTMLFormElement>("form[data-draft]")) restore(form);
  };
  document.addEventListener("input", (event) => {
    const form = event.target instanceof HTMLElement ? event.target.closest<HTMLFormElement>("form[data-draft]") : null;
    if (form) sessionStorage.setItem(nameOf(form), JSON.stringify(values(form)));
  });
  // Sent or discarded: the server's answer is the truth from here on.
  document.addEventListener("submit", (event) => {
    if (event.target instanceof HTMLFormElement && event.target.dataset["draft"] !== undefined) sessionStorage.removeItem(nameOf(event.target));
  });
  document.addEventListener("click", (event) => {
    const button = event.target instanceof Element ? event.target.closest<HTMLElement>("[data-draft-discard]") : null;
    const form = button?.closest<HTMLFormElement>("form[data-draft]");
    if (!form) return;
    sessionStorage.removeItem(nameOf(form));
    void visit({ url: location.href, push: false });
  });
  document.addEventListener("page:shown", begin);
  begin();
}
