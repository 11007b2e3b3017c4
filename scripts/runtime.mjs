/**
 * What of pith-runtime is no module that the compiler writes, made from what it wrote, as the last step of `npm run build`: functions that
 * are compiled with their module, the modules as few files for Node, the program of the worker as one text, and the kernels as .wasm files.
 */
import { copyFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { calledIn, withAll, withDeclarations } from './eager.mjs';

const dist = new URL('../packages/runtime/dist/', import.meta.url);
const inDist = (path) => fileURLToPath(new URL(path, dist));

/** The text of each module for Node, which reads all of it before it begins anyway. */
const forNode = new Map();
for (const [url, called] of await calledIn(new URL('index.js', dist))) {
  if (!url.startsWith(dist.href)) continue;
  const path = fileURLToPath(url);
  const text = readFileSync(path, 'utf8');
  forNode.set(path, withAll(text, called));
  const marked = withDeclarations(text, called);
  if (marked !== text) writeFileSync(path, marked);
}

const { outputFiles } = await build({
  entryPoints: [inDist('worker/thread.js')],
  bundle: true,
  minify: true,
  format: 'iife',
  platform: 'browser',
  target: 'es2022',
  write: false,
  logLevel: 'error',
});
writeFileSync(new URL('worker/script.js', dist), `export const script = ${JSON.stringify(outputFiles[0].text)};\n`);

const { kernelLetters } = await import(new URL('wasm.js', dist).href);
const { bytesOfLetters } = await import(new URL('codec/letters.js', dist).href);
writeFileSync(new URL('kernels.wasm', dist), bytesOfLetters(kernelLetters));
copyFileSync(new URL('../packages/runtime/assembly/kernels.relaxed.wasm', import.meta.url), new URL('kernels.relaxed.wasm', dist));

rmSync(inDist('node'), { recursive: true, force: true });
await build({
  entryPoints: Object.fromEntries(['index', 'onnx', 'spending', 'worker', 'worker/thread'].map((name) => [name, inDist(`${name}.js`)])),
  outdir: inDist('node'),
  bundle: true,
  splitting: true,
  minifyWhitespace: true,
  format: 'esm',
  platform: 'node',
  target: 'node20.19',
  // long texts, which are there already
  external: ['wasm.js', 'codec/letters/wasm.js', 'worker/script.js'].map(inDist),
  plugins: [
    {
      name: 'marked',
      setup: ({ onLoad }) => onLoad({ filter: /\.js$/ }, ({ path }) => (forNode.has(path) ? { contents: forNode.get(path) } : undefined)),
    },
  ],
  logLevel: 'error',
});
