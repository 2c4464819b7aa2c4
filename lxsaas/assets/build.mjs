// Builds lxsaas/static/dist from src/, icons/ and the npm packages: hashed names, a manifest, .gz beside each.
import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import * as esbuild from "esbuild";
import postcss from "postcss";
import { PurgeCSS } from "purgecss";

const here = dirname(fileURLToPath(import.meta.url));
const root = resolve(here, "../..");
const dist = join(root, "lxsaas/static/dist");

// Phones in villages are old: what Android 7's last WebView and iOS 14.5 understand.
const target = ["chrome87", "firefox85", "safari14.1"];

const assets = {
  ...(await bundle("app.js")),
  ...(await bundle("charts.js")),
  "app.css": await styles(),
  "icons.svg": await sprite(),
  "favicon.svg": await readFile(join(here, "src/favicon.svg")),
};
await publish(assets);

async function bundle(name) {
  const built = await esbuild.build({
    entryPoints: [join(here, "src", name)],
    absWorkingDir: root,
    bundle: true,
    minify: true,
    format: "iife",
    legalComments: "none",
    target,
    write: false,
    logLevel: "error",
  });
  return { [name]: built.outputFiles[0].contents };
}

async function styles() {
  const tabler = await readFile(join(root, "node_modules/@tabler/core/dist/css/tabler.css"), "utf8");
  const own = await Promise.all(["tokens.css", "app.css"].map((name) => readFile(join(here, "src", name), "utf8")));
  const [purged] = await new PurgeCSS().purge({
    content: [
      join(root, "lxsaas/templates/**/*.html").replaceAll("\\", "/"),
      join(here, "src/*.js").replaceAll("\\", "/"),
    ],
    css: [{ raw: withoutThemes(tabler, own[0]) + own.join("\n") }],
    defaultExtractor: (text) => text.match(/[\w-]+/g) ?? [],
    keyframes: true,
    variables: true,
    // Set by htmx or read by charts.js, not by a template.
    safelist: { standard: [/^htmx-/], variables: [/^--lx-/] },
  });
  const small = await esbuild.transform(purged.css, { loader: "css", minify: true, target });
  return Buffer.from(small.code);
}

// The browser's wish decides between light and dark, and tokens.css says the colours: what Tabler has for
// themes chosen by an attribute, and its own values of our tokens, need not travel. Nor does what old
// browsers cannot compute: there a rule with such a colour would take away the one it stands over.
function withoutThemes(tabler, tokens) {
  const ours = new Set();
  postcss.parse(tokens).walkDecls(/^--/, (token) => {
    ours.add(token.prop);
  });
  const sheet = postcss.parse(tabler);
  sheet.walkRules((rule) => {
    const selectors = rule.selectors.filter((selector) => !/theme|scrollbar/.test(selector));
    if (selectors.length === 0) rule.remove();
    else if (selectors.length < rule.selectors.length) rule.selectors = selectors;
  });
  sheet.walkDecls((one) => {
    if (ours.has(one.prop) || /(light-dark|color-mix|oklch)\(/.test(one.value)) one.remove();
  });
  return sheet.toString();
}

async function sprite() {
  const files = (await readdir(join(here, "icons"))).filter((name) => name.endsWith(".svg")).sort();
  const symbols = await Promise.all(
    files.map(async (file) => {
      const svg = await readFile(join(here, "icons", file), "utf8");
      const body = svg
        .replace(/^[\s\S]*?<svg[^>]*>/, "")
        .replace(/<\/svg>\s*$/, "")
        .replace(/<path stroke="none" d="M0 0h24v24H0z" fill="none" \/>/, "")
        .replace(/\s*\n\s*/g, "");
      return `<symbol id="${file.slice(0, -4)}" viewBox="0 0 24 24">${body}</symbol>`;
    }),
  );
  return Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg">${symbols.join("")}</svg>`);
}

// New files first, then the manifest, then the old ones go: whoever serves meanwhile finds what it names.
async function publish(contents) {
  await mkdir(dist, { recursive: true });
  const manifest = {};
  for (const [name, content] of Object.entries(contents).sort()) {
    const hash = createHash("sha256").update(content).digest("hex").slice(0, 12);
    const file = name.replace(/(\.\w+)$/, `.${hash}$1`);
    await writeFile(join(dist, file), content);
    await writeFile(join(dist, `${file}.gz`), gzipSync(content, { level: 9 }));
    manifest[name] = file;
  }
  await writeFile(join(dist, "manifest.json.new"), JSON.stringify(manifest, null, 2) + "\n");
  await rename(join(dist, "manifest.json.new"), join(dist, "manifest.json"));
  const kept = new Set(Object.values(manifest).flatMap((file) => [file, `${file}.gz`]));
  for (const file of await readdir(dist)) {
    if (!kept.has(file) && file !== "manifest.json" && !file.startsWith(".")) await rm(join(dist, file));
  }
}
