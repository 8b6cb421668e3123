// The small script of every page. Each part is a convenience on HTML that works
// without it; a part that fails must not take the others with it.
import { startComboboxes } from "./combobox.ts";
import { startDialogs } from "./dialog.ts";
import { startDrafts } from "./draft.ts";
import { startHotkeys } from "./hotkeys.ts";
import { mountIslands } from "./islands.ts";
import { startPalette } from "./palette.ts";
import { startPrefetching } from "./prefetch.ts";
import { startSwapping } from "./swap.ts";
import { readTheme, setTheme } from "./theme.ts";
import { watchToasts } from "./toast.ts";

document.addEventListener("click", (event) => {
  const button = event.target instanceof Element ? event.target.closest<HTMLElement>("[data-theme-set]") : null;
  if (button) setTheme(readTheme(button.dataset["themeSet"]));
  if (event.target instanceof Element && event.target.closest("[data-print]")) window.print();
});
document.addEventListener("change", (event) => {
  // A list that acts when something else is chosen; without script its button does.
  if (event.target instanceof HTMLSelectElement && event.target.hasAttribute("data-submits")) event.target.form?.requestSubmit();
});

for (const start of [startSwapping, startDialogs, startComboboxes, startDrafts, startPalette, startHotkeys, startPrefetching, watchToasts]) {
  try {
    start();
  } catch (error) {
    console.error(error);
  }
}
void mountIslands(document);
