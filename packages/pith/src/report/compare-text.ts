/** A comparison as plain text for a terminal: every point, then the methods at equal error and at equal bytes. */
import type { ComparedRow, CompareReport } from './compare-report.js';
import { formatCount, formatPercent, formatRatio, printable, shorten } from './format.js';
import { textTable } from './text-table.js';

export const compareHeadline = ({ parameters, original, reference, curves }: CompareReport): string => {
  const all = curves.flatMap(({ points }) => points).length;
  return `${formatCount(parameters)} parameters, ${formatCount(original)} bytes, error ${formatPercent(reference.error)} · ${curves.length} methods, ${all} files`;
};

export const pointTitles = ['method', 'setting', 'bytes', 'compress rate', 'top-1 error', 'file'];

/** A row for each point, method by method. */
export const pointRows = ({ curves, original }: CompareReport): string[][] =>
  curves.flatMap(({ method, points, skipped }) => [
    ...points.map(({ setting, bytes, error, file }) => [
      method,
      setting,
      formatCount(bytes),
      formatRatio(original / bytes),
      formatPercent(error),
      file,
    ]),
    ...(skipped === undefined ? [] : [[method, `not done: ${skipped}`, '', '', '', '']]),
  ]);

/** A row for each method, a column for each error: bytes. */
export const errorTitles = ({ equalError, reference }: CompareReport): string[] =>
  equalError.map(({ at }) => `${formatPercent(at)} (+${Number((100 * (at - reference.error)).toFixed(2))})`);

/** A row for each method, a column for each size: error. */
export const bytesTitles = ({ equalBytes, original }: CompareReport): string[] =>
  equalBytes.map(({ at }) => `${formatCount(at)} B (${formatRatio(original / at)})`);

export const methodRows = (
  { curves }: Pick<CompareReport, 'curves'>,
  columns: readonly ComparedRow[],
  format: (value: number) => string,
): string[][] =>
  curves.map(({ method }, i) => [
    method,
    ...columns.map(({ values }) => {
      const value = values[i];
      return value === null || value === undefined ? '–' : format(value);
    }),
  ]);

/** As many columns as a terminal has room for. */
const mostColumns = 7;

function across(
  report: CompareReport,
  columns: readonly ComparedRow[],
  titles: readonly string[],
  format: (value: number) => string,
): string {
  const step = Math.max(1, Math.ceil(columns.length / mostColumns));
  const some = (_: unknown, i: number): boolean => i % step === 0;
  return textTable({
    columns: [
      { title: 'method', align: 'left' },
      ...titles.filter(some).map((title) => ({ title: title.replace(' (', '\n('), align: 'right' as const })),
    ],
    rows: methodRows(report, columns.filter(some), format),
  });
}

/** What `pith compare` prints. Ends without a line break. */
export function compareText(report: CompareReport): string {
  const { network, data, seed, equalBytes, equalError } = report;
  const parts = [
    `${shorten(printable(network), 40)} on ${shorten(printable(data.name), 24)}, seed ${seed}\n${compareHeadline(report)}`,
    textTable({
      columns: pointTitles.map((title, i) => ({ title, align: i > 1 && i < 5 ? 'right' : 'left' })),
      rows: pointRows(report),
    }),
    ...(equalError.length > 0 ? [`Bytes at equal error:\n${across(report, equalError, errorTitles(report), formatCount)}`] : []),
    ...(equalBytes.length > 0 ? [`Error at equal bytes:\n${across(report, equalBytes, bytesTitles(report), formatPercent)}`] : []),
  ];
  return parts.join('\n\n');
}
