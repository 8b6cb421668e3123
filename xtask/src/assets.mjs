// Bundles scripts and styles, compresses them, and writes the manifest that the web
// crate embeds. Driven by assets.rs; arguments: the checkout's root, "release" or "debug".
//
// It owns target/assets. Sources that do not exist yet are left out of the manifest.
// Invariant: a file's name contains the hash of its content, and a file whose content
// has not changed is not written again, so that nothing that embeds it is rebuilt.
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, extname, join, relative } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import { build } from "esbuild";

const [root, mode] = process.argv.slice(2);
const release = mode === "release";
const out = join(root, "target/assets");
const generated = join(out, "gen");
const till = join(root, "crates/app/src/features/till/client");
const ui = join(root, "crates/web/src/ui");

const TYPES = {
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
  ".woff2": "font/woff2",
  ".wasm": "application/wasm",
  ".webmanifest": "application/manifest+json",
  ".png": "image/png",
};
// These hold compressed data already; compressing again only costs.
const PACKED = new Set([".woff2", ".png"]);

/** Writes the content unless the file already holds it. */
function writeIfChanged(path, content) {
  const bytes = Buffer.from(content);
  if (existsSync(path) && readFileSync(path).equals(bytes)) return;
  writeFileSync(path, bytes);
}

/** All files below the folder that end so, in a fixed order. */
function filesBelow(folder, end) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true })
    .filter((name) => name.endsWith(end))
    .sort()
    .map((name) => join(folder, name));
}

/** An import path as JavaScript and CSS write it. */
const importPath = (from, to) => {
  const path = relative(from, to).replaceAll("\\", "/");
  return path.startsWith(".") ? path : `./${path}`;
};

/** One entry that knows every feature's islands; each is loaded when a page has it. */
function writeIslands() {
  const islands = filesBelow(join(root, "crates/app/src/features"), ".island.ts");
  const lines = islands.map((path) => {
    const name = basename(path, ".island.ts");
    return `  ${JSON.stringify(name)}: () => import(${JSON.stringify(importPath(generated, path))}),`;
  });
  const type = importPath(generated, join(ui, "islands.ts"));
  writeIfChanged(
    join(generated, "islands.ts"),
    `// Made by the asset build from the features' *.island.ts.\nimport type { IslandModule } from ${JSON.stringify(type)};\n\n` +
      `export const islands: Readonly<Record<string, () => Promise<IslandModule>>> = {\n${lines.join("\n")}\n};\n`,
  );
}

/** The page's styles: tokens, components, then each feature's own. */
function writeStyles() {
  const features = filesBelow(join(root, "crates/app/src/features"), ".css").filter((path) => !path.startsWith(till));
  const sources = [join(ui, "tokens.css"), join(ui, "components.css"), ...features];
  const lines = sources.map((path) => `@import ${JSON.stringify(importPath(generated, path))};`);
  writeIfChanged(join(generated, "app.css"), `${lines.join("\n")}\n`);
}

const common = {
  absWorkingDir: root,
  bundle: true,
  write: false,
  metafile: true,
  outdir: out,
  outbase: root,
  publicPath: "/static/",
  entryNames: "[name]-[hash]",
  chunkNames: "[name]-[hash]",
  assetNames: "[name]-[hash]",
  loader: { ".woff2": "file", ".wasm": "file" },
  target: ["chrome123", "firefox121", "safari17.5"],
  format: "esm",
  charset: "utf8",
  legalComments: "none",
  minify: true,
  logLevel: "warning",
  jsx: "automatic",
  jsxImportSource: "preact",
  tsconfigRaw: { compilerOptions: { paths: { "#gen/*": [join(generated, "*")] } } },
  alias: { "#gen": generated },
  define: { "process.env.NODE_ENV": '"production"' },
};

/** Adds esbuild's outputs under the names that templates use. */
function collect(result, files) {
  const outputs = new Map(Object.entries(result.metafile.outputs).map(([path, output]) => [join(root, path), output]));
  for (const file of result.outputFiles) {
    const name = basename(file.path);
    const output = outputs.get(file.path);
    const extension = extname(name);
    const logical = output?.entryPoint
      ? basename(output.entryPoint).replace(/\.tsx?$/, ".js")
      : name.replace(/-[A-Z0-9]{8}(\.\w+)$/, "$1");
    const alias = { "main.js": "till.js", "figtree-latin-wght-normal.woff2": "figtree.woff2" }[logical] ?? logical;
    // Chunks may share a name; nobody asks for them but the bundle that names their file.
    const known = output?.entryPoint || PACKED.has(extension) ? alias : name;
    files.set(known, { name, bytes: Buffer.from(file.contents) });
  }
}

const started = performance.now();
mkdirSync(generated, { recursive: true });
writeIslands();
writeStyles();

const files = new Map();
const entries = [join(ui, "page.ts"), join(generated, "app.css"), join(ui, "till.css"), join(till, "main.tsx")];
collect(await build({ ...common, entryPoints: entries.filter(existsSync), splitting: true }), files);
const worker = join(till, "sw.ts");
if (existsSync(worker)) collect(await build({ ...common, entryPoints: [worker] }), files);

/** Adds a file that is taken as it is, under a name with its hash. */
function addPlain(logical, bytes) {
  const extension = extname(logical);
  const hash = createHash("sha256").update(bytes).digest("hex").slice(0, 8).toUpperCase();
  files.set(logical, { name: `${basename(logical, extension)}-${hash}${extension}`, bytes });
}

addPlain("mark.svg", readFileSync(join(ui, "mark.svg")));
for (const path of filesBelow(join(ui, "app-icons"), ".png")) addPlain(basename(path), readFileSync(path));
const app = readFileSync(join(till, "../till.webmanifest"), "utf8");
addPlain("till.webmanifest", Buffer.from(app.replace(/\{\{([\w.-]+)\}\}/g, (_, name) => `/static/${files.get(name).name}`)));

const manifest = {};
const keep = new Set(["manifest.json", "gen"]);
for (const [logical, { name, bytes }] of [...files].sort(([a], [b]) => (a < b ? -1 : 1))) {
  const extension = extname(name);
  const entry = { file: name, type: TYPES[extension] ?? "application/octet-stream", etag: createHash("sha256").update(bytes).digest("base64url").slice(0, 22), bytes: bytes.length };
  writeIfChanged(join(out, name), bytes);
  keep.add(name);
  if (!PACKED.has(extension)) {
    const gzip = gzipSync(bytes, { level: 9 });
    const brotli = brotliCompressSync(bytes, {
      params: { [constants.BROTLI_PARAM_QUALITY]: release ? 11 : 9, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length },
    });
    writeIfChanged(join(out, `${name}.gz`), gzip);
    writeIfChanged(join(out, `${name}.br`), brotli);
    keep.add(`${name}.gz`).add(`${name}.br`);
    entry.gzip = gzip.length;
    entry.brotli = brotli.length;
  }
  manifest[logical] = entry;
}
for (const old of readdirSync(out)) if (!keep.has(old)) rmSync(join(out, old), { recursive: true });
writeIfChanged(join(out, "manifest.json"), `${JSON.stringify(manifest, null, 1)}\n`);

const total = Object.values(manifest).reduce((sum, entry) => sum + (entry.brotli ?? entry.bytes), 0);
console.log(`assets: ${files.size} files, ${(total / 1024).toFixed(1)} kB to send, ${Math.round(performance.now() - started)} ms`);
