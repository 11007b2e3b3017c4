/** Bundles run.ts with the sources as they are and runs it. */
import { build } from 'esbuild';

const outfile = new URL('./dist/run.mjs', import.meta.url);
await build({
  entryPoints: [new URL('./run.ts', import.meta.url).pathname],
  outfile: outfile.pathname,
  bundle: true,
  platform: 'node',
  format: 'esm',
  // The modules find the corpus beside themselves, wherever the bundle stands.
  define: { 'import.meta.url': JSON.stringify(import.meta.url) },
  alias: {
    'pith-runtime/onnx': new URL('../packages/runtime/src/onnx.ts', import.meta.url).pathname,
    'pith-runtime': new URL('../packages/runtime/src/index.ts', import.meta.url).pathname,
  },
  logLevel: 'error',
});
await import(outfile.href);
