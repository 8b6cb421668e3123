// Keys printed on the page: an element with `data-hotkey="/"` gets the focus (a field)
// or is pressed (a link, a button) when its key is struck while nobody is typing.

/** Whether a key struck here belongs to what is being typed. */
function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || target.matches("input, textarea, select"));
}

/** Listens for the keys of the page. */
export function startHotkeys(): void {
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
    if (document.querySelector("dialog:modal")) return;
    for (const element of document.querySelectorAll<HTMLElement>("[data-hotkey]")) {
      if (element.dataset["hotkey"]?.toLowerCase() !== event.key.toLowerCase()) continue;
      event.preventDefault();
      if (element.matches("input, textarea, select")) element.focus();
      else element.click();
      return;
    }
  });
}
