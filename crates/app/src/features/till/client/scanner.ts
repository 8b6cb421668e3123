/**
 * Tells a barcode scanner from a person by the rhythm of the keys.
 *
 * A scanner that poses as a keyboard sends its characters a few milliseconds
 * apart and ends with Enter or Tab. What comes in such a burst must not reach
 * the field that has the focus, and it is known to be a burst only after
 * several characters. So each key is either passed on, kept back until its
 * rhythm is known, or taken back.
 *
 * Owns: the recogniser, a pure function over keys and times. Must not know:
 * the document, products, the cart. `listen.ts` joins it to a window.
 */

/** Slower than the slowest cordless scanner met (30 ms), quicker than fingers. */
export const GAP_MAX_MS = 50;
/**
 * How long the next key is waited for. Keys carry the time at which they were
 * pressed, so a computer that stalls between two of them does not break the
 * rhythm; only its waiting must be longer than the gap.
 */
export const WAIT_MS = 80;
export const BURST_MIN = 6;

export interface Key {
  key: string;
  timeMs: number;
  /** Ctrl, Alt or Meta held, a repetition, or an input method at work. */
  special: boolean;
  /** The focus is in a field that would show the character. */
  inField: boolean;
}

export type Effect =
  /** Let the browser do what it does with this key. */
  | { kind: "pass" }
  /** Keep this key from the page for now. */
  | { kind: "keep" }
  /** These characters were typed by a person after all: hand them to the field. */
  | { kind: "release"; text: string }
  /** The field must look as it did before the burst's first character. */
  | { kind: "restore" }
  /** The field's state now is what `restore` goes back to. */
  | { kind: "remember" }
  | { kind: "scan"; code: string };

export interface ScannerState {
  /** Everything since the burst began, in order. */
  text: string;
  /** How many of its first characters reached the field already. */
  passed: number;
  lastMs: number;
}

export const IDLE: ScannerState = { text: "", passed: 0, lastMs: Number.NEGATIVE_INFINITY };

export interface Step {
  state: ScannerState;
  effects: Effect[];
}

/**
 * In a field the first character of what may be a burst passes at once, so
 * that typing never lags, and is taken back if a scan follows. Elsewhere it is
 * kept too: a digit there may be a shortcut.
 */
export function onKey(state: ScannerState, key: Key): Step {
  const inBurst = state.text !== "" && key.timeMs - state.lastMs <= GAP_MAX_MS;
  const settled = inBurst ? { state, effects: [] } : onPause(state);
  const isEnd = key.key === "Enter" || key.key === "Tab";
  if (isEnd && !key.special && inBurst && state.text.length >= BURST_MIN) {
    const restore: Effect[] = state.passed > 0 ? [{ kind: "restore" }] : [];
    return { state: IDLE, effects: [{ kind: "keep" }, ...restore, { kind: "scan", code: state.text }] };
  }
  // Code 128 scanners hold Shift for capitals: it neither ends nor feeds a burst.
  if (key.key === "Shift") return { state: settled.state, effects: [...settled.effects, { kind: "pass" }] };
  if (key.special || [...key.key].length !== 1) {
    const flushed = onPause(settled.state);
    return { state: IDLE, effects: [...settled.effects, ...flushed.effects, { kind: "pass" }] };
  }
  const begins = settled.state.text === "";
  const next = { text: settled.state.text + key.key, passed: settled.state.passed, lastMs: key.timeMs };
  if (begins && key.inField) return { state: { ...next, passed: 1 }, effects: [...settled.effects, { kind: "remember" }, { kind: "pass" }] };
  return { state: next, effects: [...settled.effects, { kind: "keep" }] };
}

/** The gap has passed without a further key: what was kept was typing. */
export function onPause(state: ScannerState): Step {
  const kept = state.text.slice(state.passed);
  return { state: IDLE, effects: kept === "" ? [] : [{ kind: "release", text: kept }] };
}
