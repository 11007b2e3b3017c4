/**
 * A source file as the checks of the house see it: its text, its code (comments and quoted strings blanked out) and what it imports.
 * Imports are found by their words (`import … from`, `export … from`, `import()`), types included.
 */
import { lstatSync, readdirSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';

export interface Source {
  /** From the root of the repository, with slashes. */
  readonly path: string;
  readonly text: string;
  readonly code: string;
  /** The text with only its comments blanked out. */
  readonly uncommented: string;
  /** Files of the repository by path; modules by the name that stands there. */
  readonly imports: readonly string[];
  /** Files that it names by `new URL(…, import.meta.url)`: workers that it starts, files that it reads. */
  readonly names: readonly string[];
}

const root = fileURLToPath(new URL('../..', import.meta.url));

const comment = /\/\*[\s\S]*?\*\/|\/\/[^\n]*/;
const quoted = /'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"/;
const either = new RegExp(`(${comment.source})|(${quoted.source})`, 'g');

/** Line breaks stay, so that lines keep their numbers. */
const blank = (part: string): string => part.replace(/[^\n]/g, ' ');
const withoutComments = (text: string): string =>
  text.replace(either, (all, isComment: string | undefined) => (isComment ? blank(all) : all));
const codeOf = (text: string): string =>
  text.replace(either, (all, isComment: string | undefined) => (isComment ? blank(all) : `'${blank(all.slice(2))}'`));

const importing =
  /(?:^|[\n;])\s*(?:import|export)\b[^'";=]*?\bfrom\s*['"]([^'"]+)['"]|(?:^|[\n;])\s*import\s*['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]\s*\)/g;
const naming = /\bnew URL\(\s*['"](\.[^'"]+)['"]\s*,\s*import\.meta\.url/g;

export function sourceOf(path: string, text: string): Source {
  const uncommented = withoutComments(text);
  const resolve = (name: string): string => (name.startsWith('.') ? posix.join(posix.dirname(path), name).replace(/\.js$/, '.ts') : name);
  const all = (words: RegExp): string[] => [...uncommented.matchAll(words)].map((m) => resolve(m[1] ?? m[2] ?? m[3] ?? ''));
  return { path, text, code: codeOf(text), uncommented, imports: all(importing), names: all(naming) };
}

const left = new Set(['node_modules', 'dist', 'coverage', '.git', 'runs', 'tmp']);

/** Every file under these folders of the repository, by path; a file stands for itself. */
export function filesUnder(...folders: readonly string[]): string[] {
  return folders.flatMap((folder) => {
    const found = lstatSync(join(root, folder), { throwIfNoEntry: false });
    if (!found?.isDirectory()) return found?.isFile() ? [folder] : [];
    return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
      const path = posix.join(folder, entry.name);
      if (entry.isDirectory()) return left.has(entry.name) ? [] : filesUnder(path);
      return entry.isFile() ? [path] : [];
    });
  });
}

export const readSource = (path: string): Source => sourceOf(path, readFileSync(join(root, path), 'utf8'));
