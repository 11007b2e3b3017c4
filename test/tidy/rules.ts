/**
 * Rules about words in files: what must not stand where, each with a line that breaks it, so that the rule itself is tried.
 * An exception names its file and its reason; one that is no longer needed fails.
 */
import { basename } from 'node:path';
import type { Source } from './source.js';

export interface Rule {
  readonly name: string;
  /** What a file that breaks the rule looks like: a path, and its text. */
  readonly twin: { readonly path: string; readonly text: string };
  readonly except?: Readonly<Record<string, string>>;
  /** What is wrong in this file, or nothing. */
  broken(source: Source): string | undefined;
}

const library = (path: string): boolean => /^packages\/(pith|runtime)\/src\//.test(path) && !path.startsWith('packages/pith/src/cli/');
const typescript = (path: string): boolean => path.endsWith('.ts');
const test = (path: string): boolean => path.endsWith('.test.ts');

/** A rule that forbids words, by default in the code of TypeScript files: not in comments, not in strings. */
const no = (
  name: string,
  words: RegExp,
  twin: Rule['twin'],
  {
    where = typescript,
    in: part = 'code',
    except,
  }: { where?: (path: string) => boolean; in?: 'code' | 'text'; except?: Record<string, string> } = {},
): Rule => ({
  name,
  twin,
  ...(except && { except }),
  broken(source) {
    if (!where(source.path)) return undefined;
    const found = words.exec(source[part]);
    return found ? `line ${source[part].slice(0, found.index).split('\n').length}: ${found[0].trim()}` : undefined;
  },
});

const lines = (text: string): number => text.split('\n').length - 1;
const madeUp = (path: string, text: string): Rule['twin'] => ({ path, text });
const inLibrary = 'packages/pith/src/prune/made-up.ts';

/** Entries of the object or array that a list file exports, by the names that stand there. */
export const entriesOf = (text: string): string[] =>
  (/export const \w+[^=]*=\s*[[{]([^\]}]*)[\]}]/.exec(text)?.[1] ?? '')
    .split(',')
    .map((entry) => entry.replace(/:[\s\S]*/, '').trim())
    .filter((entry) => entry !== '');

export const rules: readonly Rule[] = [
  no('library code prints nothing', /\bconsole\b|\bprocess\.std(out|err)\b/, madeUp(inLibrary, 'console.log(1);'), { where: library }),
  no(
    'library code has no chance of its own: a seed is an argument',
    /\bMath\.random\b|\bgetRandomValues\b|\brandomUUID\b/,
    madeUp(inLibrary, 'const x = Math.random();'),
    { where: library },
  ),
  no(
    'library code has no clock of its own: the clock is an argument',
    /\bDate\.now\b|\bnew Date\(\)|\bperformance\.now\b/,
    madeUp(inLibrary, 'const t = Date.now();'),
    {
      where: library,
      except: { 'packages/pith/src/engine/node-host.ts': 'the host is where the clock comes from' },
    },
  ),
  no(
    'library code asks the environment for nothing',
    /\bprocess\.(env|argv|cwd|exit)\b/,
    madeUp(inLibrary, 'if (process.env.DEBUG) f();'),
    {
      where: library,
      except: { 'packages/pith/src/data/cache.ts': 'XDG_CACHE_HOME says where a user wants caches' },
    },
  ),
  no('no module has state that changes', /^(export )?let\b/m, madeUp(inLibrary, 'let count = 0;'), { where: library }),
  no('no any', /(?:[:<|&]|\bas|=>)\s*any\b|,\s*any\s*[>,]/, madeUp('test/made-up.test.ts', 'const x = y as any;')),
  no('the compiler is not silenced', /@ts-(ignore|nocheck)/, madeUp('fuzz/made-up.ts', '// @ts-ignore\nf();'), {
    in: 'text',
    where: (path) => typescript(path) && !path.startsWith('test/tidy'),
  }),
  no('the linter is not silenced outside of tests', /biome-ignore\S* lint/, madeUp('fuzz/made-up.ts', '// biome-ignore lint: no\nf();'), {
    in: 'text',
    where: (path) => typescript(path) && !path.includes('/test/') && !path.startsWith('test/tidy'),
  }),
  no('no default export', /^export default\b/m, madeUp(inLibrary, 'export default 1;'), {
    where: (path) => typescript(path) && !path.endsWith('.config.ts'),
  }),
  no(
    'no test is skipped or runs alone',
    /\b(?:it|test|describe|suite)\.(?:skip|only|todo)\b/,
    madeUp('packages/pith/test/made-up.test.ts', 'test.only("x", () => {});'),
  ),
  no('nothing is left for later', /\b(?:TODO|FIXME|XXX|HACK)\b/, madeUp(inLibrary, '// TODO: think'), {
    in: 'text',
    where: (path) => !path.startsWith('test/tidy'),
  }),
  no(
    'no path of a machine',
    /(?<![\w.@])\/(?:work|farm|root|home\/\w+|Users\/\w+|tmp\/bash_jobs)\/|\.\.\/shared\//,
    madeUp('docs/made-up.md', 'See /home/me/pith.'),
    {
      in: 'text',
      where: (path) => !path.startsWith('test/tidy'),
    },
  ),
  {
    name: 'pith-runtime imports nothing but its own files',
    twin: madeUp('packages/runtime/src/made-up.ts', "import { readFile } from 'node:fs/promises';"),
    broken: ({ path, imports }) => {
      if (!path.startsWith('packages/runtime/src/')) return undefined;
      return imports.find((name) => !name.startsWith('packages/runtime/src/'));
    },
  },
  {
    name: 'a file starts with the sentence a stranger needs',
    twin: madeUp(inLibrary, "import { x } from './x.js';\n"),
    broken({ path, text }) {
      if (!typescript(path) || test(path) || path.includes('/cases/') || path.endsWith('.config.ts')) return undefined;
      return /^\/\*\*[\s*]+[^\s*/]/.test(text) ? undefined : 'no doc comment at its start';
    },
  },
  {
    name: 'a file has 300 lines at most, a test 400',
    twin: madeUp(inLibrary, 'f();\n'.repeat(301)),
    except: {
      'packages/runtime/src/format/graph.ts': 'one table of the graph section, written and read side by side',
    },
    broken: ({ path, text }) => (typescript(path) && lines(text) > (test(path) ? 400 : 300) ? `${lines(text)} lines` : undefined),
  },
  {
    name: 'a list is in alphabetical order, or says in which',
    twin: madeUp('packages/pith/src/prune/list.ts', '/** Every method. */\nexport const methods = { b, a };\n'),
    broken({ path, text, uncommented }) {
      if (basename(path) !== 'list.ts' || !library(path)) return undefined;
      if (/\border\b/.test(/\/\*\*[\s\S]*?\*\//.exec(text)?.[0].replace('alphabetical order', '') ?? '')) return undefined;
      const entries = entriesOf(uncommented);
      if (entries.length === 0) return 'no entries found in it';
      const wrong = entries.find((entry, i) => i > 0 && entry < entries[i - 1]!);
      return wrong && `${wrong} stands too late`;
    },
  },
];

/** Every breach of a rule, and every exception that has none. */
export function breaches(rule: Rule, sources: readonly Source[]): string[] {
  const broken = new Map(
    sources.flatMap((source) => [[source.path, rule.broken(source)] as const]).filter(([, what]) => what !== undefined),
  );
  const excused = Object.keys(rule.except ?? {});
  return [
    ...[...broken].filter(([path]) => !excused.includes(path)).map(([path, what]) => `${path}: ${what}`),
    ...excused.filter((path) => !broken.has(path)).map((path) => `${path} needs its exception no longer`),
  ];
}
