/** The words for what lets a stranger believe a report, the same in the terminal and in the page. */
import { formatCount, formatNumber, formatPercent } from './format.js';
import type { Report, SpentRow } from './report.js';
import { textTable } from './text-table.js';

const names: Readonly<Record<string, string>> = {
  zeroFlags: 'zero or not',
  levels: 'integers',
  indices: 'cluster indices',
  values: 'floats',
  tables: 'code tables',
  structure: 'forms and counts',
  words: 'metadata and graph',
};

/** As people read it. */
export const spentName = (name: string): string => names[name] ?? name;

/** The two errors, and whether they are one. */
export function verdictText({ error, evidence }: Pick<Report, 'error' | 'evidence'>): string {
  if (!evidence) return '';
  const onnx = `decoded, in ONNX Runtime ${formatPercent(error.decoded)}`;
  if ('refused' in evidence.runtime) return `error: ${onnx}; pith-runtime does not run this network: ${evidence.runtime.refused}`;
  const both = `error found twice: ${onnx}; the file itself, in pith-runtime ${formatPercent(evidence.runtime.error)}`;
  if (evidence.apart === 0) return `${both}: they agree`;
  return `${both}: they DIFFER on ${formatCount(Math.ceil(evidence.apart ?? 0))} images or more`;
}

export const spentCells = ({ name, bytes }: SpentRow, file: number): string[] => [
  spentName(name),
  formatNumber(bytes, 1),
  formatPercent(bytes / file, 1),
];

/** Empty where a report is older than this. */
export const spentTable = ({ evidence, bytes }: Pick<Report, 'bytes' | 'evidence'>): string =>
  evidence
    ? textTable({
        columns: [
          { title: 'bytes spent on', align: 'left' },
          { title: 'bytes', align: 'right' },
          { title: 'of the file', align: 'right' },
        ],
        rows: evidence.spent.map((row) => spentCells(row, bytes.file)),
      })
    : '';
