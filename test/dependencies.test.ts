/** docs/dependencies.md says what is installed, why, and under which licence; and no licence comes in unseen by way of another package. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const read = (path: string): string => readFileSync(fileURLToPath(new URL(`../${path}`, import.meta.url)), 'utf8');
const json = <T>(path: string): T => JSON.parse(read(path)) as T;

interface Manifest {
  readonly license: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
}

/** Rows of the table under a heading: package, licence, reason. */
function rowsUnder(heading: string, page: string): string[][] {
  const [, text = ''] = page.split(`\n## ${heading}\n`);
  const [section = ''] = text.split('\n## ');
  const rows = section.split('\n').filter((line) => line.startsWith('|'));
  return rows.slice(2).map((row) =>
    row
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}

/** What the page says wrongly of these packages. */
function wrong(heading: string, packages: Readonly<Record<string, string>> = {}, page = read('docs/dependencies.md')): string[] {
  const rows = rowsUnder(heading, page);
  const names = rows.map(([name = '']) => name);
  return [
    ...Object.keys(packages)
      .filter((name) => !names.includes(name))
      .map((name) => `${name} has no line`),
    ...rows.flatMap(([name = '', licence, why = '']) => {
      if (!Object.hasOwn(packages, name)) return [`${name} is no dependency`];
      const { license } = json<Manifest>(`node_modules/${name}/package.json`);
      return [...(license === licence ? [] : [`${name} is under ${license}`]), ...(why.length > 8 ? [] : [`${name} has no reason`])];
    }),
    ...(names.join() === [...names].sort().join() ? [] : ['the lines are not in alphabetical order']),
  ];
}

const manifests: readonly (readonly [string, Readonly<Record<string, string>> | undefined])[] = [
  ['pith-runtime', json<Manifest>('packages/runtime/package.json').dependencies],
  ['pith', json<Manifest>('packages/pith/package.json').dependencies],
  ['Development', json<Manifest>('package.json').devDependencies],
];

test.each(manifests)('%s: each dependency has its line, and each line its dependency', (heading, packages) => {
  expect(wrong(heading, packages)).toEqual([]);
});

test('pith-runtime has no dependency of any kind', () => {
  expect(Object.keys(json<object>('packages/runtime/package.json')).filter((key) => /dependencies/i.test(key))).toEqual([]);
});

test('the page is found wrong where a line is missing, false or too much', () => {
  const page =
    '\n## x\n\n| package | licence | why |\n|---|---|---|\n| zod | GPL-3.0 | because |\n| sharp | Apache-2.0 | decodes pictures |\n';
  expect(wrong('x', { zod: '1', ora: '1' }, page)).toEqual([
    'ora has no line',
    'zod is under MIT',
    'zod has no reason',
    'sharp is no dependency',
    'the lines are not in alphabetical order',
  ]);
});

const free = new Set(['MIT', 'ISC', '0BSD', 'BSD-2-Clause', 'BSD-3-Clause', 'Apache-2.0', 'Unlicense', '(MIT OR CC0-1.0)']);

test('what comes with pith by way of others is under a permissive licence, libvips excepted', () => {
  const { packages } = json<{ packages: Record<string, { license?: string; dev?: boolean; link?: boolean }> }>('package-lock.json');
  const shipped = Object.entries(packages).filter(([path, { dev, link }]) => path !== '' && !dev && !link);
  expect(shipped.length).toBeGreaterThan(50);
  const others = shipped.filter(([path, { license = 'none' }]) => !free.has(license) && !path.includes('@img/sharp-'));
  expect(others.map(([path, { license }]) => `${path}: ${license}`)).toEqual([]);
});
