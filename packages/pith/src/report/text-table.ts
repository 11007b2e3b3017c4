/** Aligned tables of plain text for a terminal: no colour, at most 110 columns, names from files made harmless. */
import { printable, shorten } from './format.js';

const WIDTH = 110;
const GAP = 2;

export interface TextColumn {
  /** May have several lines; the last lines of all titles stand on one line. */
  readonly title: string;
  readonly align: 'left' | 'right';
}

export interface TextTable {
  readonly columns: readonly TextColumn[];
  /** Cells in the order of the columns. */
  readonly rows: readonly (readonly string[])[];
  /** Rows under a rule at the end: totals. */
  readonly foot?: readonly (readonly string[])[];
}

const lengthOf = (text: string): number => [...text].length;

/** Columns as wide as their widest cell; the widest of words is cut where the whole would be too wide. No line ends in a space. */
export function textTable({ columns, rows, foot = [] }: TextTable): string {
  const titles = columns.map((column) => column.title.split('\n'));
  const lines = titles.reduce((most, title) => Math.max(most, title.length), 1);
  const head = Array.from({ length: lines }, (_, line) => titles.map((title) => title[line - lines + title.length] ?? ''));
  const clean = (list: TextTable['rows']): string[][] => list.map((row) => columns.map((_, c) => printable(row[c] ?? '')));
  const body = clean(rows);
  const last = clean(foot);

  const all = [...head, ...body, ...last];
  const widths = columns.map((_, c) => all.reduce((most, row) => Math.max(most, lengthOf(row[c] ?? '')), 0));
  const words = columns.reduce((best, { align }, c) => (align === 'left' && widths[c]! > (widths[best] ?? 0) ? c : best), 0);
  const others = widths.reduce((total, width, c) => total + (c === words ? 0 : width + GAP), 0);
  widths[words] = Math.min(widths[words] ?? 0, Math.max(8, WIDTH - others));

  const line = (row: readonly string[]): string =>
    columns
      .map(({ align }, c) => {
        const width = widths[c] ?? 0;
        const cell = c === words ? shorten(row[c] ?? '', width) : (row[c] ?? '');
        const space = ' '.repeat(Math.max(0, width - lengthOf(cell)));
        return align === 'left' ? cell + space : space + cell;
      })
      .join(' '.repeat(GAP))
      .trimEnd();
  const rule = '─'.repeat(widths.reduce((total, width) => total + width, 0) + GAP * Math.max(0, columns.length - 1));
  return [...head.map(line), rule, ...body.map(line), ...(last.length ? [rule, ...last.map(line)] : [])].join('\n');
}
