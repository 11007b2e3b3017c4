/** Command lines as text: to be pasted into a shell, or shown in a report that others read. */
import { basename } from 'node:path';

/** A word as a shell reads it back. */
const quoted = (word: string): string => (/^[\p{L}\p{N}_@%+=:,./-]+$/u.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`);

/** A command line that can be pasted. `program` is one or several words that need no quotes. */
export const commandLine = (program: string, words: readonly string[]): string => [program, ...words.map(quoted)].join(' ');

/** How this program was called, so that the lines it prints can be pasted: by its own name where that is installed, else through npx. */
export const programName = (script: string | undefined, env: Readonly<Record<string, string | undefined>>): string =>
  env['npm_command'] === undefined && script !== undefined && basename(script) === 'pith' ? 'pith' : 'npx pith';

/** What was typed, without the folders of paths: a machine's own names are nobody's business. */
export const typedLine = (argv: readonly string[]): string => commandLine('pith', argv.map(withoutFolders));

function withoutFolders(word: string): string {
  if (/^[-\d.e]+\/[\d.e]+$/i.test(word)) return word; // a fraction: --scale 1/255
  const [, option = '', value = word] = /^(--?[\w-]+=)([\s\S]*)$/.exec(word) ?? [];
  return value.includes('/') ? `${option}${basename(value)}` : word;
}
