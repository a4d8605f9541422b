// Bundles the page's own modules and style sheets with what build.mjs made, into a few files whose
// names hold the digest of their content, so that browsers may keep them for ever.
// Usage: node bundle.mjs SOURCES TARGET-FOLDER
import { createHash } from "node:crypto";
import { copyFile, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { build } from "esbuild";

const [sources, target] = process.argv.slice(2).map((one) => path.resolve(one));
const LOADED = /\.(js|css|woff2)$/;

/** The addresses that a kind of element of the page names. */
function named(html, element) {
  return [...html.matchAll(element)].map(([, address]) => address);
}

/** Bundles and returns esbuild's account of each file, by its path below the target. */
async function bundle(options) {
  const { metafile } = await build({
    absWorkingDir: sources,
    bundle: true,
    entryNames: "assets/[name]-[hash]",
    assetNames: "assets/[name]-[hash]",
    chunkNames: "assets/[name]-[hash]",
    legalComments: "none",
    loader: { ".woff2": "file" },
    metafile: true,
    minify: true,
    outdir: target,
    publicPath: "..",
    target: "es2022",
    ...options,
  });
  return new Map(
    Object.entries(metafile.outputs).map(([file, about]) => [
      path.relative(target, path.join(sources, file)).replaceAll(path.sep, "/"),
      about,
    ]),
  );
}

/** The file that an entry point became. */
function fileOf(outputs, entry) {
  return [...outputs].find(([, { entryPoint }]) => entryPoint === entry)[0];
}

/** The files that a module cannot start without, itself first. */
function needed(outputs, file) {
  const found = new Set([file]);
  for (const one of found) {
    for (const { path: other, kind } of outputs.get(one).imports) {
      const name = path.relative(target, path.join(sources, other)).replaceAll(path.sep, "/");
      if (kind === "import-statement") found.add(name);
    }
  }
  return [...found];
}

await rm(target, { recursive: true, force: true });
await mkdir(target, { recursive: true });
const html = await readFile(path.join(sources, "index.html"), "utf8");
const sheets = named(html, /<link rel="stylesheet" href="([^"]+)">/g);
const [start] = named(html, /<script src="([^"]+)">/g);
const [main] = named(html, /<script type="module" src="([^"]+)">/g);

const modules = await bundle({ entryPoints: [main], format: "esm", splitting: true });
const classic = await bundle({ entryPoints: [start], format: "iife" });
const styles = await bundle({
  stdin: {
    contents: sheets.map((sheet) => `@import "./${sheet}";`).join("\n"),
    loader: "css",
    resolveDir: sources,
    sourcefile: "page.css",
  },
  entryNames: "assets/page-[hash]",
});
const [sheet, font] = [".css", ".woff2"].map((end) =>
  [...styles.keys()].find((name) => name.endsWith(end)),
);
const module = fileOf(modules, main);
const preloads = needed(modules, module).map((name) => `<link rel="modulepreload" href="${name}">`);
const icon = await readFile(path.join(sources, "favicon.svg"));
const iconName = `assets/favicon-${createHash("sha256").update(icon).digest("hex").slice(0, 8).toUpperCase()}.svg`;
await writeFile(path.join(target, iconName), icon);
const page = html
  .replace('href="favicon.svg"', `href="${iconName}"`)
  .replace(/\s*<link rel="stylesheet" href="[^"]+">/g, "")
  .replace(/(<link rel="preload" href=")[^"]+(" as="font")/, `$1${font}$2`)
  .replace(`<script src="${start}">`, `<script src="${fileOf(classic, start)}">`)
  .replace(
    /<script type="module" src="[^"]+">/,
    `<link rel="stylesheet" href="${sheet}">\n    ${preloads.join("\n    ")}\n    <script type="module" src="${module}">`,
  );
const left = named(page, /(?:href|src)="([^"#]+)"/g).filter(
  (name) => LOADED.test(name) && !name.startsWith("assets/"),
);
if (left.length > 0) throw new Error(`index.html still names ${left.join(", ")}`);
await mkdir(path.join(target, "vendor"));
await copyFile(path.join(sources, "vendor/LICENSES.txt"), path.join(target, "vendor/LICENSES.txt"));
await writeFile(path.join(target, "index.html"), page);
