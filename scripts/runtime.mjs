/**
 * What of pith-runtime is no module that the compiler writes, made from what it wrote, as the last step of `npm run build`: functions that
 * are compiled with their module, the program of the worker as one text, and the kernels as a .wasm file.
 */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { markEager } from './eager.mjs';

const dist = new URL('../packages/runtime/dist/', import.meta.url);

await markEager(dist);

const { outputFiles } = await build({
  entryPoints: [fileURLToPath(new URL('worker/thread.js', dist))],
  bundle: true,
  minify: true,
  format: 'iife',
  platform: 'browser',
  target: 'es2022',
  write: false,
  logLevel: 'error',
});
writeFileSync(new URL('worker/script.js', dist), `export const script = ${JSON.stringify(outputFiles[0].text)};\n`);

const { wasm } = await import(new URL('kernels/wasm.js', dist).href);
const { bytesOfLetters } = await import(new URL('codec/letters.js', dist).href);
writeFileSync(new URL('kernels.wasm', dist), bytesOfLetters(wasm));
