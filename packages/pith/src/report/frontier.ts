/** The points of a curve as a table, the same in the terminal and in the page. */
import { formatCount, formatNumber, formatPercent, formatRatio } from './format.js';
import type { FrontierRow, Report } from './report.js';
import { textTable } from './text-table.js';

export const frontierTitles = ['point', 'λ', 'bytes', 'compress rate', 'top-1 error', 'rise in points', 'file'];

export const frontierCells = (
  { lambda, bytes, error, file, chosen }: FrontierRow,
  index: number,
  { bytes: { original }, error: { reference } }: Pick<Report, 'bytes' | 'error'>,
): string[] => [
  `${chosen ? '→ ' : ''}${index + 1}`,
  String(lambda),
  formatCount(bytes),
  formatRatio(original / bytes),
  formatPercent(error),
  `${error > reference ? '+' : ''}${formatNumber(100 * (error - reference), 2)}`,
  file ?? '',
];

/** Empty where no curve was asked for. The arrow is at the result. */
export const frontierTable = (report: Report): string =>
  report.frontier && report.frontier.length > 0
    ? textTable({
        columns: frontierTitles.map((title, i) => ({ title, align: i === frontierTitles.length - 1 ? 'left' : 'right' })),
        rows: report.frontier.map((row, i) => frontierCells(row, i, report)),
      })
    : '';
