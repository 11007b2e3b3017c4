/** The invariants of the house, held over every file; each check is also tried on a made-up file that breaks it. */
import { describe, expect, test } from 'vitest';
import { cycles, misdirected, stale } from './tidy/rooms.js';
import { breaches, entriesOf, rules } from './tidy/rules.js';
import { filesUnder, readSource, sourceOf } from './tidy/source.js';

const paths = filesUnder('.ci', 'bench', 'docs', 'fuzz', 'packages', 'scripts', 'test', 'README.md', 'CHANGELOG.md', 'SECURITY.md');
const sources = paths.filter((path) => /\.(ts|mjs|js|md|json)$/.test(path) || path.startsWith('.ci/')).map(readSource);
const pith = sources.filter(({ path }) => path.startsWith('packages/pith/src/'));

describe('imports', () => {
  test('the files that are checked are there', () => {
    expect(pith.length).toBeGreaterThan(150);
    expect(sources.flatMap((s) => s.imports).length).toBeGreaterThan(500);
  });

  test('each room imports only the rooms below it, each module only where it belongs', () => {
    expect(misdirected(sources)).toEqual([]);
  });

  test('there are no circles', () => {
    expect(cycles(sources)).toEqual([]);
  });

  test('the tables name nothing that is gone, and no two rooms see each other', () => {
    expect(stale(pith)).toEqual([]);
  });

  const top = 'packages/pith/src';
  test.each([
    ['a room above', `${top}/base/made-up.ts`, "import type { Graph } from '../graph/graph.js';"],
    ['a room beside', `${top}/prune/made-up.ts`, "export { kmeans } from '../quantize/kmeans.js';"],
    ['an engine', `${top}/train/made-up.ts`, "import { onnxruntimeNode } from '../engine/onnxruntime-node.js';"],
    ['a runtime', `${top}/train/made-up.ts`, "import {\n  InferenceSession,\n} from 'onnxruntime-node';"],
    ['the file system', `${top}/graph/made-up.ts`, "const fs = await import('node:fs');"],
    ['a module that no room may have', `${top}/cli/made-up.ts`, "import 'left-pad';"],
    ['a name that every object has', `${top}/cli/made-up.ts`, "import 'constructor';"],
    ['anything, from outside all rooms', `${top}/attic/made-up.ts`, "import { x } from '../base/errors.js';"],
  ])('the check finds an import of %s', (_, path, text) => {
    expect(misdirected([sourceOf(path, text)])).toHaveLength(1);
  });

  test('the check leaves in peace what only looks like an import', () => {
    const text = "/* import { x } from '../cli/x.js'; */\n// import '../cli/x.js';\nconst from = 'import x from y';\n";
    expect(sourceOf(`${top}/base/made-up.ts`, text).imports).toEqual([]);
  });

  test('the check finds a circle', () => {
    const circle = [
      sourceOf('test/a.ts', "import { b } from './b.js';"),
      sourceOf('test/b.ts', "import type { c } from './c.js';"),
      sourceOf('test/c.ts', "export { a } from './a.js';"),
    ];
    expect(cycles(circle)).toEqual(['test/a.ts → test/b.ts → test/c.ts → test/a.ts']);
    expect(cycles(circle.slice(0, 2))).toEqual([]);
  });
});

describe.each(rules)('$name', (rule) => {
  test('in every file', () => {
    expect(breaches(rule, sources)).toEqual([]);
  });

  test('the check finds a breach, and an exception that is not needed', () => {
    const bad = sourceOf(rule.twin.path, rule.twin.text);
    expect(breaches({ ...rule, except: {} }, [bad])).toHaveLength(1);
    const good = sourceOf(rule.twin.path, '/** A good file. */\nexport const list = [a, b];\n');
    expect(breaches({ ...rule, except: {} }, [good])).toEqual([]);
    expect(breaches({ ...rule, except: { [good.path]: 'no reason' } }, [good])).toHaveLength(1);
  });
});

test('docs/ARCHITECTURE.md has a line for each room that is there, and for no other', () => {
  const page = sources.find(({ path }) => path === 'docs/ARCHITECTURE.md')?.text ?? '';
  const told = [...page.matchAll(/^\| `([a-z]+)` \| \S/gm)].map((m) => m[1]);
  const there = sources.map(({ path }) => /^packages\/(?:pith|runtime)\/src\/(\w+)\//.exec(path)?.[1]).filter((room) => room !== undefined);
  // a room may stand in both packages
  expect([...new Set(told)].sort()).toEqual([...new Set(there)].sort());
});

test('the entries of a list are read from objects and arrays', () => {
  expect(entriesOf('export const a: readonly X[] = [\n  one,\n  two,\n];\n')).toEqual(['one', 'two']);
  expect(entriesOf("export const a = {\n  'b-c': one,\n  d,\n} as const;\n")).toEqual(["'b-c'", 'd']);
});
