/**
 * The packages as npm would publish them: what lies in the tarballs, how large they are, and that a stranger can import, type-check,
 * bundle and run what is unpacked from them. Needs the build, which `npm test` makes, and no network.
 */
import { execFile } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));
const tools = join(root, 'node_modules/.bin');
const run = async (program: string, args: readonly string[], cwd = root): Promise<string> => {
  const { stdout } = await promisify(execFile)(program, args, { cwd, maxBuffer: 16 << 20, timeout: 60_000 });
  return stdout;
};

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly exports: Readonly<Record<string, string | Readonly<Record<string, string>>>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly scripts?: Readonly<Record<string, string>>;
}

interface Package {
  readonly name: string;
  readonly folder: string;
  readonly manifest: Manifest;
  /** Files beside those that every package may have. */
  readonly more: RegExp;
  /** Bytes of the tarball, sources and their maps included. */
  readonly limit: number;
  /** A program that a stranger writes. It type-checks without casts. */
  readonly consumer: string;
  /** A line more with which it must not. */
  readonly mistake: string;
}

const known = (folder: string, rest: Omit<Package, 'name' | 'folder' | 'manifest'>): Package => {
  const manifest = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8')) as Manifest;
  return { name: manifest.name, folder, manifest, ...rest };
};

const packages: readonly Package[] = [
  known('packages/runtime', {
    more: /^FORMAT\.md$/,
    // a second time for Node, in few files
    limit: 825_000,
    consumer: `
      import { PithError, readPith, toModel, type LoadedModel, type Model, type PithFile } from 'pith-runtime';
      import { toOnnx } from 'pith-runtime/onnx';
      import { loadInWorker, type WorkerModel } from 'pith-runtime/worker';
      export function parameters(bytes: Uint8Array): number {
        const file: PithFile = readPith(bytes);
        const model: Model = toModel(file);
        return [...model.graph.initializers.values()].reduce((sum, tensor) => sum + tensor.data.length, 0);
      }
      export const onnx: Promise<Uint8Array> = toOnnx(new URL('https://example.org/m.pith'), { retries: 2 });
      export const there: Promise<WorkerModel> = loadInWorker('m.pith', { signal: new AbortController().signal });
      export const either = (model: LoadedModel | WorkerModel) => model.run({ x: Float32Array.of(1) });
      export const codeOf = (error: unknown): string => (error instanceof PithError ? error.code : 'other');`,
    mistake: "readPith('model.pith');",
  }),
  known('packages/pith', {
    more: /^bin\/pith\.js$/,
    limit: 1_100_000,
    consumer: `
      import { compress } from 'pith';
      export type Options = Parameters<typeof compress>[0];
      export const small = (options: Options) => compress(options);`,
    mistake: "compress({ model: 'model.onnx', data: 'mnist', maxSise: 44_000 });",
  }),
];

const published = /^(package\.json|LICENSE|README\.md|src\/.+\.ts|dist\/.+\.(js|js\.map|d\.ts|wasm))$/;
/** Minified and compressed by gzip: what a page downloads to run a model. */
const pageLimit = 100_000;

/** Paths in a tarball that nobody meant to publish. */
const strays = (paths: readonly string[], more: RegExp): string[] =>
  paths.filter((path) => (!published.test(path) && !more.test(path)) || /\.test\.|(^|\/)\./.test(path));

interface Packed {
  readonly filename: string;
  readonly size: number;
  readonly files: readonly { readonly path: string }[];
}

let folder: string;
const packed = new Map<string, Packed>();

/** Packs both and lays them out as `npm install` would, with the other dependencies linked from this checkout. */
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'pith-package-'));
  for (const { name, folder: from, manifest } of packages) {
    const answer = await run('npm', ['pack', '--json', '--pack-destination', folder], join(root, from));
    const [tarball] = JSON.parse(answer) as Packed[];
    packed.set(name, tarball!);
    for (const { path } of tarball!.files) cpSync(join(root, from, path), join(folder, 'node_modules', name, path));
    for (const dependency of ['@types/node', ...Object.keys(manifest.dependencies ?? {})].filter((d) => d !== 'pith-runtime')) {
      const at = join(folder, 'node_modules', dependency);
      mkdirSync(dirname(at), { recursive: true });
      if (!existsSync(at)) symlinkSync(join(root, 'node_modules', dependency), at, 'junction');
    }
  }
  writeFileSync(join(folder, 'package.json'), '{ "type": "module", "private": true }');
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe.each(packages)('$name', ({ name, manifest, more, limit, consumer, mistake }) => {
  const installed = (): string => join(folder, 'node_modules', name);

  test('publishes its sources and what is built from them, and nothing else', () => {
    const paths = packed.get(name)!.files.map(({ path }) => path);
    expect(paths.length).toBeGreaterThan(20);
    expect(strays(paths, more)).toEqual([]);
    expect(paths).toEqual(expect.arrayContaining(['LICENSE', 'package.json', 'dist/index.js', 'src/index.ts']));
  });

  test('its tarball stays below its limit', () => {
    const { size } = packed.get(name)!;
    console.info(`${name}: tarball of ${size} bytes, at most ${limit}`);
    expect(size).toBeLessThanOrEqual(limit);
  });

  test('runs nothing when it is installed', () => {
    expect(Object.keys(manifest.scripts ?? {}).filter((script) => /install|prepare/.test(script))).toEqual([]);
  });

  test('every export leads to files, types first', () => {
    for (const target of Object.values(manifest.exports)) {
      if (typeof target !== 'string') expect(Object.keys(target).filter((key) => key !== 'node')).toEqual(['types', 'default']);
      for (const path of typeof target === 'string' ? [target] : Object.values(target))
        expect(existsSync(join(installed(), path))).toBe(true);
    }
  });

  test('publint and arethetypeswrong have nothing to say', async () => {
    const tarball = join(folder, packed.get(name)!.filename);
    await run(join(tools, 'publint'), ['run', tarball, '--strict']);
    // a .wasm file has no types
    const untyped = ['kernels.wasm', 'kernels.relaxed.wasm'];
    await run(join(tools, 'attw'), [tarball, '--profile', 'esm-only', '--no-color', '--exclude-entrypoints', ...untyped]);
  });

  test('is imported by Node from the unpacked tarball', async () => {
    const program = `console.log(Object.keys(await import('${name}')).length)`;
    expect(Number(await run(process.execPath, ['--input-type=module', '--eval', program], folder))).toBeGreaterThan(3);
  });

  test.each(['NodeNext', 'Bundler'])(
    'a strict TypeScript program uses it without casts (module resolution %s)',
    async (moduleResolution) => {
      const base = `${name}-${moduleResolution}`;
      writeFileSync(join(folder, `${base}.ts`), consumer);
      const compilerOptions = {
        strict: true,
        exactOptionalPropertyTypes: true,
        noEmit: true,
        target: 'ES2022',
        lib: ['ES2023', ...(name === 'pith-runtime' ? ['DOM'] : [])],
        types: name === 'pith-runtime' ? [] : ['node'],
        module: moduleResolution === 'Bundler' ? 'ESNext' : 'NodeNext',
        moduleResolution,
        skipLibCheck: name !== 'pith-runtime', // the types of onnxruntime and sharp are not ours to check
      };
      writeFileSync(join(folder, `${base}.json`), JSON.stringify({ compilerOptions, files: [`${base}.ts`] }));
      await run(join(tools, 'tsc'), ['-p', `${base}.json`], folder);
      writeFileSync(join(folder, `${base}.ts`), `${consumer}\n${mistake}`);
      await expect(run(join(tools, 'tsc'), ['-p', `${base}.json`], folder)).rejects.toThrow();
    },
  );
});

describe('pith-runtime in a page', () => {
  const bundle = async (contents: string): Promise<Uint8Array> => {
    const { outputFiles } = await build({
      stdin: { contents, resolveDir: folder },
      bundle: true,
      minify: true,
      write: false,
      format: 'esm',
      platform: 'browser',
      logLevel: 'silent',
    });
    return outputFiles[0]!.contents;
  };

  test.each([
    ['all of it', "import * as runtime from 'pith-runtime'; globalThis.runtime = runtime;"],
    ['what loads and runs', "import { load } from 'pith-runtime'; globalThis.load = load;"],
    ['what loads and runs in a worker, both sides', "import { loadInWorker } from 'pith-runtime/worker'; globalThis.load = loadInWorker;"],
    ['what writes ONNX', "import { toOnnx } from 'pith-runtime/onnx'; globalThis.toOnnx = toOnnx;"],
  ])(`%s, minified and compressed, is at most ${pageLimit} bytes`, async (what, contents) => {
    const js = await bundle(contents);
    const bytes = gzipSync(js, { level: 9 }).length;
    console.info(`pith-runtime, ${what}: ${js.length} bytes minified, ${bytes} compressed by gzip, at most ${pageLimit}`);
    expect(bytes).toBeGreaterThan(1000);
    expect(bytes).toBeLessThanOrEqual(pageLimit);
  });

  test('what loads and runs is a small part of onnxruntime-web, compressed alike', async () => {
    const ours = gzipSync(await bundle("import { load } from 'pith-runtime'; globalThis.load = load;"), { level: 9 }).length;
    const dist = join(root, 'node_modules/onnxruntime-web/dist');
    const parts = ['ort.wasm.bundle.min.mjs', 'ort-wasm-simd-threaded.wasm'].map((name) => gzipSync(readFileSync(join(dist, name))).length);
    const theirs = parts.reduce((a, b) => a + b);
    console.info(`to load and run, compressed by gzip: pith-runtime ${ours} bytes, onnxruntime-web ${theirs}`);
    expect(theirs / ours).toBeGreaterThan(20);
  });

  test('its worker says in Node, which has no workers of the web, that there are none', async () => {
    const program = "(await import('pith-runtime/worker')).loadInWorker(new Uint8Array(9)).catch((error) => console.log(error.code))";
    expect((await run(process.execPath, ['--input-type=module', '--eval', program], folder)).trim()).toBe('unsupported.worker');
  });

  test('what the build adds to the compiled modules is there, and as new as they are', () => {
    const dist = join(root, 'packages/runtime/dist');
    const newest = Math.max(
      ...readdirSync(dist, { recursive: true, encoding: 'utf8' })
        .filter((name) => name.endsWith('.js') && !name.endsWith('script.js') && !/^node\b/.test(name))
        .map((name) => statSync(join(dist, name)).mtimeMs),
    );
    for (const name of ['worker/script.js', 'kernels.wasm', 'kernels.relaxed.wasm', 'node/index.js']) {
      expect(packed.get('pith-runtime')!.files.map(({ path }) => path)).toContain(`dist/${name}`);
      expect(statSync(join(dist, name)).mtimeMs, 'npm run build').toBeGreaterThanOrEqual(newest);
    }
  });

  test('what a page does not use does not come with it', async () => {
    const all = await bundle("import * as runtime from 'pith-runtime'; globalThis.runtime = runtime;");
    const one = await bundle("import { PithError } from 'pith-runtime'; globalThis.PithError = PithError;");
    expect(one.length).toBeLessThan(all.length / 5);
  });

  test('functions that a first load calls are marked to be compiled with their module, also in a bundle', async () => {
    const marks = async (names: string): Promise<number> => {
      const js = new TextDecoder().decode(await bundle(`import { ${names} } from 'pith-runtime'; globalThis.used = [${names}];`));
      return js.match(/=\((async )?function\(/g)?.length ?? 0;
    };
    expect(await marks('load')).toBeGreaterThan(100);
    expect(await marks('PithError')).toBe(0);
  });

  test('the bundler refuses what only Node has', async () => {
    await expect(bundle("import 'node:fs';")).rejects.toThrow('node:fs');
  });
});

describe('pith', () => {
  const { manifest } = packages[1]!;

  test('depends on exactly the pith-runtime of this repository', () => {
    expect(manifest.dependencies?.['pith-runtime']).toBe(packages[0]!.manifest.version);
    expect(manifest.version).toBe(packages[0]!.manifest.version);
  });

  test('the command says its version, from the unpacked tarball and by npx', async () => {
    const unpacked = await run(process.execPath, [join(folder, 'node_modules/pith/bin/pith.js'), '--version'], folder);
    const linked = await run('npx', ['--no', '--', 'pith', '--version']);
    expect([unpacked.trim(), linked.trim()]).toEqual([manifest.version, manifest.version]);
  });
});

test('a tarball with a stray file is seen', () => {
  const paths = ['package.json', 'dist/index.js', 'dist/.cache', 'dist/a.test.js', 'tsconfig.tsbuildinfo', 'src/notes.txt', 'FORMAT.md'];
  expect(strays(paths, /^$/)).toEqual(paths.slice(2));
});
