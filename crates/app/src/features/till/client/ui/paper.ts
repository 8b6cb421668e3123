/**
 * A receipt's paper is as long as its text: the printer feeds no more, and a
 * file is one page.
 *
 * Owns: the size of the printed page while a receipt is shown. Must not know:
 * what stands on it.
 */

/** CSS pixels are 96 to the inch (CSS Values 4, section 6.2). */
const MM_PER_PX = 25.4 / 96;

/** While it is in force the page is printed as this paper; the answer ends that. */
export function printAs(paper: () => HTMLElement | null): () => void {
  const sheet = new CSSStyleSheet();
  const before = (): void => {
    const element = paper();
    if (element === null) return;
    const width = element.dataset["width"] ?? "80";
    const height = Math.ceil(element.scrollHeight * MM_PER_PX);
    sheet.replaceSync(`@page { size: ${width}mm ${height}mm; margin: 0; }`);
    document.adoptedStyleSheets = [...document.adoptedStyleSheets.filter((each) => each !== sheet), sheet];
  };
  const after = (): void => {
    document.adoptedStyleSheets = document.adoptedStyleSheets.filter((each) => each !== sheet);
  };
  window.addEventListener("beforeprint", before);
  window.addEventListener("afterprint", after);
  return () => {
    after();
    window.removeEventListener("beforeprint", before);
    window.removeEventListener("afterprint", after);
  };
}
