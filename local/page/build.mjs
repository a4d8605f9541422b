// Puts what the page takes from npm into one folder, as files that run under `default-src 'self'`.
// Usage: node build.mjs TARGET-FOLDER
import { existsSync } from "node:fs";
import { copyFile, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import path from "node:path";
import { webDarkTheme, webLightTheme } from "@fluentui/tokens";
import { build } from "esbuild";

const target = process.argv[2];
const here = import.meta.dirname;
const require = createRequire(import.meta.url);

const SHIPPED = [
  "@fluentui/web-components",
  "@fluentui/tokens",
  "@microsoft/fast-element",
  "@microsoft/focusgroup-polyfill",
  "tslib",
  "uplot",
  "d3-selection",
  "d3-zoom",
  "d3-dispatch",
  "d3-drag",
  "d3-interpolate",
  "d3-color",
  "d3-transition",
  "d3-ease",
  "d3-timer",
  "@fontsource-variable/inter",
];

/** The folder of an installed package. */
function folder(name) {
  const inside = `${path.sep}node_modules${path.sep}${path.normalize(name)}`;
  const paths = require.resolve.paths(name).map((base) => path.join(path.dirname(base), inside));
  const found = paths.find((candidate) => existsSync(candidate));
  if (!found) throw new Error(`${name} is not installed: run npm ci`);
  return found;
}

/** Fluent's design tokens as custom properties, the system's choice of theme by default. */
function themeSheet() {
  const rules = (theme) =>
    Object.entries(theme)
      .map(([name, value]) => `--${name}:${value};`)
      .join("");
  const light = rules(webLightTheme);
  const dark = rules(
    Object.fromEntries(Object.entries(webDarkTheme).filter(([k, v]) => webLightTheme[k] !== v)),
  );
  return [
    `:root{color-scheme:light;${light}}`,
    `@media (prefers-color-scheme:dark){:root:not([data-theme=light]){color-scheme:dark;${dark}}}`,
    `:root[data-theme=dark]{color-scheme:dark;${dark}}`,
    "",
  ].join("\n");
}

/** Name, version and licence of each shipped package, with the licence's text where it has one. */
async function licences() {
  const parts = [];
  for (const name of SHIPPED) {
    const base = folder(name);
    const about = JSON.parse(await readFile(path.join(base, "package.json"), "utf8"));
    const text = await readFile(path.join(base, "LICENSE"), "utf8").catch(() => "");
    parts.push(`${name} ${about.version} (${about.license})\n\n${text.trim()}`);
  }
  return `${parts.join("\n\n----\n\n")}\n`;
}

await rm(target, { recursive: true, force: true });
await mkdir(target, { recursive: true });
await build({
  entryPoints: {
    d3: path.join(here, "d3.js"),
    fluent: path.join(here, "fluent.js"),
    uplot: path.join(folder("uplot"), "dist/uPlot.esm.js"),
  },
  bundle: true,
  format: "esm",
  minify: true,
  legalComments: "none",
  outdir: target,
  target: "es2022",
});
await copyFile(path.join(folder("uplot"), "dist/uPlot.min.css"), path.join(target, "uplot.css"));
// Declarations let the type check of the page see what it imports, instead of minified code.
await copyFile(path.join(folder("uplot"), "dist/uPlot.d.ts"), path.join(target, "uplot.d.ts"));
await writeFile(path.join(target, "fluent.d.ts"), "export {};\n");
await copyFile(path.join(here, "d3.js"), path.join(target, "d3.d.ts"));
await copyFile(
  path.join(folder("@fontsource-variable/inter"), "files/inter-latin-wght-normal.woff2"),
  path.join(target, "inter.woff2"),
);
await writeFile(path.join(target, "theme.css"), themeSheet());
await writeFile(path.join(target, "LICENSES.txt"), await licences());
