/**
 * The till's engine at the command line: carts as JSON lines on standard input, one answer
 * a line on standard output (`npm run --silent quote`). Node only; never in a page.
 *
 * Lines end at the byte 0x0A alone: Node's own line reader would also cut at U+2028, which
 * may stand in a name. What is not UTF-8 is not a cart.
 */
import { once } from "node:events";
import { answerLine } from "./quote_json.ts";

const LINE_END = 0x0a;
// A byte order mark is kept, so that it is refused here as it is by the server.
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

function answerBytes(line: Uint8Array): string {
  let text: string;
  try {
    text = decoder.decode(line);
  } catch {
    text = "";
  }
  return `${answerLine(text)}\n`;
}

async function write(text: string): Promise<void> {
  if (text !== "" && !process.stdout.write(text)) await once(process.stdout, "drain");
}

/** Answers every whole line of a chunk; what is left belongs to the next. */
function answerChunk(chunk: Buffer, answers: string[]): Buffer {
  let start = 0;
  for (let end = chunk.indexOf(LINE_END); end >= 0; end = chunk.indexOf(LINE_END, start)) {
    answers.push(answerBytes(chunk.subarray(start, end)));
    start = end + 1;
  }
  return chunk.subarray(start);
}

async function main(): Promise<void> {
  let unfinished: Buffer[] = [];
  for await (const chunk of process.stdin as AsyncIterable<Buffer>) {
    if (!chunk.includes(LINE_END)) {
      unfinished.push(chunk);
      continue;
    }
    const answers: string[] = [];
    const rest = answerChunk(Buffer.concat([...unfinished, chunk]), answers);
    unfinished = rest.length > 0 ? [rest] : [];
    await write(answers.join(""));
  }
  if (unfinished.length > 0) await write(answerBytes(Buffer.concat(unfinished)));
}

// A reader that has seen enough (`| head`) closes the pipe; that is no failure.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  process.exit(error.code === "EPIPE" ? 0 : 1);
});

await main();
