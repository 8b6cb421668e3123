import assert from "node:assert/strict";
import { test } from "node:test";
import { GAP_MAX_MS, IDLE, onKey, onPause, type Effect, type Key, type ScannerState } from "./scanner.ts";

/** Plays keys at a rhythm; pauses longer than the gap let the timer fire, as in a window. */
class Player {
  state: ScannerState = IDLE;
  effects: Effect[] = [];
  timeMs = 0;
  inField = false;

  press(key: string, gapMs: number, changes: Partial<Key> = {}): this {
    if (gapMs > GAP_MAX_MS) this.#take(onPause(this.state));
    this.timeMs += gapMs;
    this.#take(onKey(this.state, { key, timeMs: this.timeMs, special: false, inField: this.inField, ...changes }));
    return this;
  }

  type(text: string, gapMs: number): this {
    for (const key of text) this.press(key, gapMs);
    return this;
  }

  rest(): this {
    this.#take(onPause(this.state));
    return this;
  }

  #take(step: { state: ScannerState; effects: Effect[] }): void {
    this.state = step.state;
    this.effects.push(...step.effects);
  }

  get scans(): string[] {
    return this.effects.flatMap((effect) => (effect.kind === "scan" ? [effect.code] : []));
  }

  /** What a field would show: passed and released characters, taken back by a restore. */
  shown(keys: string): string {
    let shown = "";
    let before = "";
    let at = 0;
    for (const effect of this.effects) {
      if (effect.kind === "remember") before = shown;
      if (effect.kind === "restore") shown = before;
      if (effect.kind === "release") shown += effect.text;
      if (effect.kind === "pass") shown += keys[at] ?? "";
      if (effect.kind === "pass" || effect.kind === "keep") at += 1;
    }
    return shown;
  }
}

test("a burst ended by Enter or Tab is a scan and leaves nothing in the field", () => {
  for (const end of ["Enter", "Tab"]) {
    for (const inField of [true, false]) {
      const player = new Player();
      player.inField = inField;
      player.press("7", 500).type("700000000017", 8).press(end, 8);
      assert.deepEqual(player.scans, ["7700000000017"]);
      assert.equal(player.shown("7700000000017\n"), "");
    }
  }
});

test("a person's typing reaches the field in order, without delay for its first key", () => {
  const player = new Player();
  player.inField = true;
  player.type("arroz", 120).rest();
  assert.deepEqual(player.scans, []);
  assert.equal(player.shown("arroz"), "arroz");
  assert.ok(player.effects.every((effect) => effect.kind !== "keep"));
});

test("quick fingers that roll over two keys lose no letter", () => {
  const player = new Player();
  player.inField = true;
  player.press("a", 300).press("r", 30).press("r", 120).press("o", 25).press("z", 200).rest();
  assert.equal(player.shown("arroz"), "arroz");
});

test("a short burst with Enter is a number and a key, not a scan", () => {
  const player = new Player();
  player.inField = true;
  player.type("12345", 10).press("Enter", 10);
  assert.deepEqual(player.scans, []);
  assert.deepEqual(player.effects.slice(-2), [{ kind: "release", text: "2345" }, { kind: "pass" }]);
});

test("an Enter that comes late belongs to the person", () => {
  const player = new Player();
  player.type("7700000000017", 8).press("Enter", GAP_MAX_MS + 1);
  assert.deepEqual(player.scans, []);
  assert.deepEqual(player.effects.at(-1), { kind: "pass" });
});

test("two scans in a row are two scans", () => {
  const player = new Player();
  for (const code of ["7700000000017", "7700000000024"]) player.type(code, 8).press("Enter", 8);
  assert.deepEqual(player.scans, ["7700000000017", "7700000000024"]);
});

test("what was typed before a scan stays, and only that", () => {
  const player = new Player();
  player.inField = true;
  player.press("3", 200).press("*", 150).press("7", 400).type("700000000017", 8).press("Enter", 8);
  assert.deepEqual(player.scans, ["7700000000017"]);
  assert.equal(player.shown("3*7700000000017\n"), "3*");
});

test("capitals of Code 128 come with Shift and are part of the code", () => {
  const player = new Player();
  player.type("AB12", 8).press("Shift", 2).type("CD", 8).press("Enter", 8);
  assert.deepEqual(player.scans, ["AB12CD"]);
});

test("shortcuts, held keys and the keys of an input method are left alone", () => {
  for (const key of ["c", "F9", "ArrowDown", "Unidentified", "Dead"]) {
    const player = new Player();
    player.press(key, 100, { special: key === "c" });
    assert.deepEqual(player.effects, [{ kind: "pass" }], key);
  }
});

test("a special key hands on what was kept, before it acts itself", () => {
  const player = new Player();
  player.press("a", 100).press("b", 20).press("ArrowLeft", 20);
  assert.deepEqual(player.effects.slice(-2), [{ kind: "release", text: "ab" }, { kind: "pass" }]);
});

test("outside every field the first character is kept, so that no shortcut fires in a scan", () => {
  const player = new Player();
  player.press("2", 100);
  assert.deepEqual(player.effects, [{ kind: "keep" }]);
  player.rest();
  assert.deepEqual(player.effects.at(-1), { kind: "release", text: "2" });
});
