/**
 * Who may import whom: the rooms of packages/pith/src from the bottom to the top, each with the rooms it sees and the reason.
 * A room sees no other, a file no other outside module, than stand here.
 */
import type { Source } from './source.js';

interface Room {
  readonly sees: readonly string[];
  readonly because: string;
}

const model = ['base', 'onnx', 'graph', 'ops'];
const change = [...model, 'autodiff', 'rewrite', 'cost'];
const method = ['parametrization', 'prune', 'quantize', 'decompose', 'distill', 'zoo'];
const work = [...change, ...method, 'data', 'engine/engine.ts', 'train'];
const whole = [...work, 'recipe'];
const all = [...whole, 'calibrate', 'squeeze', 'engine', 'report', 'cluster'];

const rooms: Readonly<Record<string, Room>> = {
  base: { sees: [], because: 'errors, seeds, shapes and files know nothing of models' },
  onnx: { sees: ['base'], because: 'the file format is read and written without knowing what operators mean' },
  graph: { sees: ['base', 'onnx'], because: 'a graph is edited without knowing what operators mean' },
  ops: { sees: ['base', 'onnx', 'graph'], because: 'an operator writes its gradient with the builder of graph' },
  autodiff: { sees: model, because: 'the reverse walk asks the operators for their rules' },
  rewrite: { sees: model, because: 'a rewrite is graph in, graph out; it never runs or trains anything' },
  cost: { sees: model, because: 'costs follow from the graph alone' },
  parametrization: { sees: change, because: 'a rule from stored values to a weight is made of graph nodes' },
  prune: { sees: change, because: 'criteria and masks are arithmetic; whoever trains calls them' },
  quantize: { sees: change, because: 'grids and codebooks are arithmetic; whoever trains calls them' },
  decompose: { sees: change, because: 'factors of a layer are arithmetic and a rewrite' },
  distill: { sees: change, because: 'a loss between two graphs is made of graph nodes' },
  zoo: { sees: change, because: 'an architecture is written with the builder of graph' },
  data: { sees: ['base'], because: 'pictures and labels know nothing of networks' },
  'engine/engine.ts': { sees: ['base'], because: 'the interface that every room may be handed' },
  train: {
    sees: [...change, ...method, 'data', 'engine/engine.ts'],
    because: 'it trains any parametrized graph on any data by any engine',
  },
  calibrate: {
    sees: [...change, ...method, 'data', 'engine/engine.ts'],
    because: 'statistics of any graph on any samples by any engine; nothing is trained',
  },
  squeeze: {
    sees: [...change, ...method, 'data', 'engine/engine.ts', 'calibrate'],
    because: 'it makes any model small by any engine, without labels; nothing is trained',
  },
  recipe: { sees: work, because: 'a recipe orders methods and training; what is outside comes in as its Host' },
  engine: {
    sees: [...model, 'data', 'engine/engine.ts', 'train', 'recipe'],
    because: 'node-host.ts implements the Host of recipe, workers the stepper of train',
  },
  report: { sees: [...whole, 'squeeze'], because: 'it shows what recipe and squeeze measured' },
  cluster: { sees: [...whole, 'engine'], because: 'its workers are programs: they fill in the host themselves' },
  library: {
    sees: all,
    because: 'the front of the package fills in host and run folder for its caller',
  },
  'index.ts': { sees: [...all, 'library'], because: 'the names that `import … from "pith"` offers' },
  studio: { sees: [...all, 'library'], because: 'a program over the library' },
  cli: { sees: [...all, 'library', 'studio', 'index.ts'], because: 'a program over the library' },
};

/** Modules from outside, and the rooms (or files) that may import them. */
const modules: Readonly<Record<string, Room>> = {
  'pith-runtime': {
    sees: ['base', 'parametrization', 'quantize', 'squeeze', 'recipe', 'report', 'engine', 'library', 'cli'],
    because: 'the .pith file and the words shared with it',
  },
  'pith-runtime/onnx': { sees: ['onnx'], because: 'ONNX is written by the same code wherever a .pith file is decoded' },
  'pith-runtime/spending': { sees: ['library'], because: 'the account of the bytes of a file stands in its report' },
  zod: { sees: ['data', 'recipe', 'library', 'cli'], because: 'JSON from outside is parsed where it comes in' },
  'modern-tar': { sees: ['data'], because: 'data sets come as archives' },
  sharp: { sees: ['data'], because: 'data sets come as pictures' },
  'onnxruntime-node': { sees: ['engine'], because: 'method rooms get an Engine and never a runtime' },
  'onnxruntime-web/wasm': { sees: ['engine'], because: 'the same, as a page has it; whoever compares with it installs it' },
  '@observablehq/plot': { sees: ['report'], because: 'charts' },
  linkedom: { sees: ['report'], because: 'the document that charts are drawn into' },
  commander: { sees: ['cli'], because: 'the command line' },
  ora: { sees: ['cli'], because: 'progress on a terminal' },
};

/** Files that touch what is outside the process, or use Node's own modules; all others run anywhere. Folders end with a slash. */
const outside: Readonly<Record<string, string>> = {
  'base/files.ts': 'files are written whole or not at all, in one place for all rooms',
  'base/hash.ts': 'SHA-256 of Node',
  'cli/': 'the program',
  'cluster/': 'programs on several machines',
  'data/cache.ts': 'decoded data sets are kept between runs',
  'data/prefetch.ts': 'batches are made in a worker thread',
  'data/prefetch-worker.ts': 'the worker thread itself',
  'data/tree.ts': 'data sets are folders and archives',
  'engine/': 'runs graphs, in threads',
  'library/': 'the front takes paths',
  'onnx/file.ts': 'models in files, their external data beside them',
  'train/run-folder.ts': 'checkpoints and the log of a run',
};

const top = 'packages/pith/src/';

/** The room of a path under src: its own entry where the table has one, else its first folder. */
const roomOf = (path: string): string => (Object.hasOwn(rooms, path) ? path : (path.split('/')[0] ?? path));
const within = (list: readonly string[], path: string): boolean => list.includes(roomOf(path));

/** Imports that the tables do not allow, one sentence each. */
export function misdirected(sources: readonly Source[]): string[] {
  return sources.flatMap(({ path, imports, names }) => {
    if (!path.startsWith(top)) return [];
    const from = path.slice(top.length);
    const room = roomOf(from);
    const entry = rooms[room];
    if (!entry) return [`${path} stands in no room: give ${room} a line in test/tidy/rooms.ts, with its reason`];
    return [...imports, ...names.filter((name) => name.endsWith('.ts'))].flatMap((name) => {
      if (name.startsWith(top)) {
        const to = name.slice(top.length);
        const same = roomOf(to) === room || (room === 'engine' && to.startsWith('engine/'));
        return same || within(entry.sees, to)
          ? []
          : [`${path} imports ${to}; ${room} sees ${entry.sees.join(', ') || 'no room'}: ${entry.because}`];
      }
      if (name.startsWith('node:'))
        return Object.keys(outside).some((may) => (may.endsWith('/') ? from.startsWith(may) : from === may))
          ? []
          : [`${path} imports ${name}, and is not among the files that touch the outside`];
      const may = Object.hasOwn(modules, name) ? modules[name] : undefined;
      return may && within(may.sees, from)
        ? []
        : [`${path} imports ${name}; ${may ? `only ${may.sees.join(', ')} may: ${may.because}` : 'no room may'}`];
    });
  });
}

/** Circles of imports, types included, as `a → b → a`; each is named once. */
export function cycles(sources: readonly Source[]): string[] {
  const byPath = new Map(sources.map((s) => [s.path, s]));
  const done = new Set<string>();
  const found: string[] = [];
  const walk = (path: string, trail: readonly string[]): void => {
    const at = trail.indexOf(path);
    if (at >= 0) {
      found.push([...trail.slice(at), path].join(' → '));
      return;
    }
    if (done.has(path)) return;
    for (const next of byPath.get(path)?.imports ?? []) walk(next, [...trail, path]);
    done.add(path);
  };
  for (const { path } of sources) walk(path, []);
  return found;
}

/** Lines of the tables that nothing uses any more, and rooms that see one another. */
export function stale(sources: readonly Source[]): string[] {
  const paths = sources.map((s) => s.path.replace(top, ''));
  const used = new Set(sources.flatMap((s) => s.imports));
  return [
    ...Object.keys(outside)
      .filter((entry) => !entry.endsWith('/') && !paths.includes(entry))
      .map((entry) => `${entry} is in the list of files that touch the outside, and is not there`),
    ...Object.keys(modules)
      .filter((name) => !used.has(name))
      .map((name) => `${name} may be imported, and nobody does`),
    ...Object.keys(rooms).flatMap((a) =>
      Object.keys(rooms)
        .filter((b) => a < b && rooms[a]?.sees.includes(b) && rooms[b]?.sees.includes(a))
        .map((b) => `${a} and ${b} see each other`),
    ),
  ];
}
