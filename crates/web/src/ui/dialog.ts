// Dialogs by attributes: `data-dialog="id"` opens one, `data-close` closes the one it
// is in. The platform gives Esc, the focus trap and the way back. And fields that can
// be shown: `data-reveal="id"` turns a password readable while it is pressed in.

function open(id: string): boolean {
  const dialog = document.getElementById(id);
  if (!(dialog instanceof HTMLDialogElement)) return false;
  dialog.showModal();
  return true;
}

function reveal(button: HTMLElement, id: string): void {
  const input = document.getElementById(id);
  if (!(input instanceof HTMLInputElement)) return;
  const shown = input.type === "password";
  input.type = shown ? "text" : "password";
  button.setAttribute("aria-pressed", String(shown));
}

/** Listens on the document, so that what is swapped in needs no wiring. */
export function startDialogs(): void {
  document.addEventListener("click", (event) => {
    const element = event.target instanceof Element ? event.target.closest<HTMLElement>("[data-dialog], [data-close], [data-reveal]") : null;
    if (!element) return;
    const { dialog, reveal: field } = element.dataset;
    if (dialog !== undefined && open(dialog)) event.preventDefault();
    else if (field !== undefined) reveal(element, field);
    else if (element.hasAttribute("data-close")) element.closest("dialog")?.close();
  });
  // A press on the dark ground around a dialog leaves it.
  document.addEventListener("pointerdown", (event) => {
    if (event.target instanceof HTMLDialogElement && event.target.matches("dialog:modal")) event.target.close();
  });
}
