/**
 * Joins the scanner's recogniser to a window: listens before everybody else,
 * hands typed characters on, and gives scans to the till.
 *
 * Owns: what the recogniser's effects do to a document. Must not know: what a
 * code means.
 */

import { IDLE, onKey, onPause, WAIT_MS, type Effect, type ScannerState } from "./scanner.ts";

type Field = HTMLInputElement | HTMLTextAreaElement;

export interface Listening {
  onScan(code: string): void;
  /** Typing with the focus nowhere in particular belongs to the search box. */
  fieldForLooseTyping(): Field | null;
  /** A single character outside every field; true if it was a shortcut. */
  onLooseKey(character: string): boolean;
  after(ms: number, then: () => void): () => void;
}

const TEXT_TYPES = new Set(["text", "search", "tel", "email", "url", "password", "number"]);

export function textFieldOf(target: EventTarget | null): Field | null {
  if (target instanceof HTMLTextAreaElement) return target;
  if (target instanceof HTMLInputElement && TEXT_TYPES.has(target.type) && !target.readOnly) return target;
  return null;
}

/** Puts characters where the caret is, as typing would, input event included. */
function typeInto(field: Field, text: string): void {
  const start = field.selectionStart ?? field.value.length;
  const end = field.selectionEnd ?? field.value.length;
  field.setRangeText(text, start, end, "end");
  field.dispatchEvent(new InputEvent("input", { bubbles: true, inputType: "insertText", data: text }));
}

class Listener {
  #state: ScannerState = IDLE;
  #remembered: { field: Field; value: string; caret: number } | null = null;
  #cancelPause: () => void = () => undefined;
  readonly #on: Listening;

  constructor(on: Listening) {
    this.#on = on;
  }

  key(event: KeyboardEvent): void {
    const field = textFieldOf(event.target);
    // Outside a field a blank presses the button that has the focus; no code begins with one.
    const presses = event.key === " " && field === null && this.#state.text === "";
    const special = event.ctrlKey || event.altKey || event.metaKey || event.repeat || event.isComposing || presses;
    const step = onKey(this.#state, { key: event.key, timeMs: event.timeStamp, special, inField: field !== null });
    this.#state = step.state;
    this.#cancelPause();
    for (const effect of step.effects) this.#apply(effect, field, event);
    if (this.#state.text !== "") this.#cancelPause = this.#on.after(WAIT_MS, () => this.#pause());
  }

  #pause(): void {
    const step = onPause(this.#state);
    this.#state = step.state;
    const field = textFieldOf(document.activeElement);
    for (const effect of step.effects) this.#apply(effect, field, null);
  }

  #apply(effect: Effect, field: Field | null, event: KeyboardEvent | null): void {
    switch (effect.kind) {
      case "pass":
        return;
      case "keep":
        event?.preventDefault();
        event?.stopImmediatePropagation();
        return;
      case "remember":
        this.#remembered = field === null ? null : { field, value: field.value, caret: field.selectionStart ?? field.value.length };
        return;
      case "restore":
        this.#restore();
        return;
      case "release":
        this.#release(effect.text, field);
        return;
      case "scan":
        this.#on.onScan(effect.code);
    }
  }

  #restore(): void {
    const before = this.#remembered;
    this.#remembered = null;
    if (before === null || before.field.value === before.value) return;
    before.field.value = before.value;
    before.field.setSelectionRange(before.caret, before.caret);
    before.field.dispatchEvent(new InputEvent("input", { bubbles: true, inputType: "historyUndo" }));
  }

  #release(text: string, field: Field | null): void {
    if (field !== null) return typeInto(field, text);
    if ([...text].length === 1 && this.#on.onLooseKey(text)) return;
    const box = this.#on.fieldForLooseTyping();
    if (box === null) return;
    box.focus();
    typeInto(box, text);
  }
}

/** Starts listening; the answer stops it. */
export function listenForScans(target: Window, on: Listening): () => void {
  const listener = new Listener(on);
  const onKeyDown = (event: KeyboardEvent): void => listener.key(event);
  target.addEventListener("keydown", onKeyDown, { capture: true });
  return () => target.removeEventListener("keydown", onKeyDown, { capture: true });
}
