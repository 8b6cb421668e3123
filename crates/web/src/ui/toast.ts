// Short messages at the foot of the page. The server writes most of them (a flash
// after a form); a script adds its own with `say`. They leave by themselves unless
// somebody is reading or reaching for the button.

const STAYS_MS = 8000;

function region(): HTMLElement | null {
  return document.querySelector<HTMLElement>("[data-toasts]");
}

/** Lets a toast go after its time, not while it holds the pointer or the focus. */
function watch(toast: HTMLElement): void {
  let timer = 0;
  const wait = (): void => {
    clearTimeout(timer);
    timer = window.setTimeout(() => toast.remove(), STAYS_MS);
  };
  const stay = (): void => clearTimeout(timer);
  toast.addEventListener("pointerenter", stay);
  toast.addEventListener("focusin", stay);
  toast.addEventListener("pointerleave", wait);
  toast.addEventListener("focusout", wait);
  wait();
}

/** Watches the toasts that came with the page. */
export function watchToasts(): void {
  for (const toast of region()?.querySelectorAll<HTMLElement>(".toast:not([data-watched])") ?? []) {
    toast.dataset["watched"] = "";
    watch(toast);
  }
}

/** Says something in a toast; the region is a live one, so it is read aloud too. */
export function say(text: string): void {
  const toast = document.createElement("div");
  toast.className = "toast";
  toast.dataset["watched"] = "";
  toast.textContent = text;
  region()?.append(toast);
  watch(toast);
}
