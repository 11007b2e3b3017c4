/** Ways in which users bring a program into a page: each makes, from an entry in a folder, what a server then serves as files. */
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { nodeResolve } from '@rollup/plugin-node-resolve';
import { build as esbuild } from 'esbuild';
import { rollup } from 'rollup';
import { build as viteBuild } from 'vite';
import webpack from 'webpack';

export interface Way {
  readonly name: string;
  /** The lines that give `wasm`, the address of the kernels as a file, in this way. */
  readonly wasm: string;
  /** The worker of the package as a file, where this way finds one. */
  readonly worker?: string;
  /** Writes into `out`, which exists and is empty, at least a page index.html. `entry`: main.js in `folder`. */
  build(folder: string, out: string): Promise<void>;
}

const byUrl = "const wasm = new URL('pith-runtime/kernels.wasm', import.meta.url);";
const workerByUrl = "new Worker(new URL('pith-runtime/worker-thread', import.meta.url), { type: 'module' })";
const page = (head: string): string => `<!doctype html><title>pith</title>${head}`;
const script = (source: string): string => page(`<script type="module" src="${source}"></script>`);

const copied = (folder: string, out: string): void =>
  writeFileSync(join(out, 'kernels.wasm'), readFileSync(join(folder, 'node_modules/pith-runtime/dist/kernels.wasm')));

export const ways: readonly Way[] = [
  {
    name: 'Vite',
    wasm: byUrl,
    worker: workerByUrl,
    async build(folder, out) {
      writeFileSync(join(folder, 'index.html'), script('/main.js'));
      await viteBuild({ root: folder, configFile: false, logLevel: 'error', build: { outDir: out, emptyOutDir: false } });
    },
  },
  {
    name: 'webpack',
    wasm: byUrl,
    worker: workerByUrl,
    async build(folder, out) {
      const compiler = webpack({
        mode: 'production',
        context: folder,
        entry: './main.js',
        output: { path: out, filename: 'main.js' },
        performance: false,
        optimization: { minimize: false }, // a third of a minute
      });
      await new Promise<void>((resolve, reject) =>
        compiler.run((error, stats) => {
          if (error || stats?.hasErrors() || stats?.hasWarnings()) reject(error ?? new Error(stats?.toString()));
          else compiler.close(() => resolve());
        }),
      );
      writeFileSync(join(out, 'index.html'), page('<script defer src="main.js"></script>'));
    },
  },
  {
    name: 'esbuild',
    wasm: "import wasm from 'pith-runtime/kernels.wasm';",
    async build(folder, out) {
      await esbuild({
        entryPoints: [join(folder, 'main.js')],
        outdir: out,
        bundle: true,
        minify: true,
        format: 'esm',
        loader: { '.wasm': 'file' },
        logLevel: 'error',
      });
      writeFileSync(join(out, 'index.html'), script('main.js'));
    },
  },
  {
    name: 'rollup',
    wasm: "const wasm = 'kernels.wasm';",
    async build(folder, out) {
      const bundle = await rollup({
        input: join(folder, 'main.js'),
        plugins: [nodeResolve()],
        onwarn: (warning) => fail(warning.message),
      });
      await bundle.write({ dir: out, format: 'es' });
      copied(folder, out);
      writeFileSync(join(out, 'index.html'), script('main.js'));
    },
  },
  {
    name: 'a plain module script',
    wasm: "const wasm = import.meta.resolve('pith-runtime/kernels.wasm');",
    worker: "new Worker(import.meta.resolve('pith-runtime/worker-thread'), { type: 'module' })",
    async build(folder, out) {
      const dist = join(folder, 'node_modules/pith-runtime/dist');
      cpSync(dist, join(out, 'pith-runtime'), { recursive: true });
      writeFileSync(join(out, 'main.js'), readFileSync(join(folder, 'main.js')));
      const at = (path: string): string => `"pith-runtime${path}": "./pith-runtime${path || '/index'}.js"`;
      const files =
        '"pith-runtime/kernels.wasm": "./pith-runtime/kernels.wasm", "pith-runtime/worker-thread": "./pith-runtime/worker/thread.js"';
      const imports = `${at('')}, ${at('/worker')}, ${at('/onnx')}, ${files}`;
      writeFileSync(
        join(out, 'index.html'),
        page(`<script type="importmap">{ "imports": { ${imports} } }</script><script type="module" src="main.js"></script>`),
      );
    },
  },
];

function fail(message: string): never {
  throw new Error(message);
}
