/**
 * JSON read as it is written: the counterpart of `crates/domain/src/strict_json.rs`.
 *
 * `JSON.parse` hides a name written twice (RFC 8259, section 4, leaves it to taste), cannot
 * tell `2.0` from `2` and lets half a surrogate pass; two engines must not differ in taste.
 */

export type Json = null | boolean | string | number | OtherNumber | Json[] | JsonObject;

/** The members of an object. */
export type JsonObject = Map<string, Json>;

/** A number with a point, an exponent, a minus before zero, or beyond the exact range. */
export class OtherNumber {}

/** Deeper than any value of ours, and shallow enough for every stack. */
const DEPTH_MAX = 100;

const BLANKS = /[ \t\n\r]*/y;
const NUMBER = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;
/** Written so that no character can match in two ways: long texts take one pass. */
const TEXT = /"[^"\\\u0000-\u001f]*(?:\\.[^"\\\u0000-\u001f]*)*"/y;
const LITERALS: readonly (readonly [string, Json])[] = [
  ["true", true],
  ["false", false],
  ["null", null],
];

/** Reads one value and nothing after it; `undefined` if the text is something else. */
export function readJson(text: string): Json | undefined {
  const reader = new Reader(text);
  try {
    return reader.whole();
  } catch (error) {
    if (error instanceof NotJson) return undefined;
    throw error;
  }
}

class NotJson extends Error {}

class Reader {
  private at = 0;

  constructor(private readonly text: string) {}

  whole(): Json {
    const value = this.value(0);
    this.blanks();
    if (this.at < this.text.length) throw new NotJson();
    return value;
  }

  private value(depth: number): Json {
    if (depth > DEPTH_MAX) throw new NotJson();
    this.blanks();
    switch (this.text[this.at]) {
      case "{":
        return this.object(depth);
      case "[":
        return this.list(depth);
      case '"':
        return this.string();
      case "t":
      case "f":
      case "n":
        return this.literal();
      default:
        return this.number();
    }
  }

  private object(depth: number): JsonObject {
    const members: JsonObject = new Map();
    this.expect("{");
    if (this.accept("}")) return members;
    do {
      this.blanks();
      const name = this.string();
      if (members.has(name)) throw new NotJson();
      this.expect(":");
      members.set(name, this.value(depth + 1));
    } while (this.accept(","));
    this.expect("}");
    return members;
  }

  private list(depth: number): Json[] {
    const elements: Json[] = [];
    this.expect("[");
    if (this.accept("]")) return elements;
    do {
      elements.push(this.value(depth + 1));
    } while (this.accept(","));
    this.expect("]");
    return elements;
  }

  private string(): string {
    const written = this.match(TEXT);
    if (!written.includes("\\")) return written.slice(1, -1);
    const text = unescape(written);
    if (!text.isWellFormed()) throw new NotJson();
    return text;
  }

  private number(): number | OtherNumber {
    const written = this.match(NUMBER);
    const value = /[.eE]/.test(written) || written === "-0" ? Number.NaN : Number(written);
    return Number.isSafeInteger(value) ? value : new OtherNumber();
  }

  private literal(): Json {
    for (const [word, value] of LITERALS) {
      if (this.text.startsWith(word, this.at)) {
        this.at += word.length;
        return value;
      }
    }
    throw new NotJson();
  }

  private expect(character: string): void {
    if (!this.accept(character)) throw new NotJson();
  }

  private accept(character: string): boolean {
    this.blanks();
    if (this.text[this.at] !== character) return false;
    this.at += 1;
    return true;
  }

  private blanks(): void {
    BLANKS.lastIndex = this.at;
    BLANKS.exec(this.text);
    this.at = BLANKS.lastIndex;
  }

  private match(pattern: RegExp): string {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text);
    if (found === null) throw new NotJson();
    this.at = pattern.lastIndex;
    return found[0];
  }
}

/** The platform knows the escapes; the quotes and control characters are checked already. */
function unescape(written: string): string {
  try {
    return String(JSON.parse(written));
  } catch {
    throw new NotJson();
  }
}
