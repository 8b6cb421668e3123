// How people's words are compared: without case and accents, each word by its beginning.

/** The text as it is compared. */
export function fold(text: string): string {
  return text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase().trim();
}

/** Whether each word asked for begins a word of the text. */
export function matches(asked: string, text: string): boolean {
  const words = fold(text).split(/[^\p{L}\p{N}]+/u);
  return fold(asked)
    .split(/\s+/)
    .every((part) => part === "" || words.some((word) => word.startsWith(part)));
}
