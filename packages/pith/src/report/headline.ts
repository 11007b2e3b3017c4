/** A result in one line: `431,080 parameters · 1.7 MB → 36.2 kB · 47.6× · error 0.78 % → 0.74 %`. */
import { formatBytes, formatCount, formatPercent, formatRatio } from './format.js';
import type { Report } from './report.js';

export const headlineParts = ({ parameters, bytes, error }: Report): string[] => [
  `${formatCount(parameters)} parameters`,
  `${formatBytes(bytes.original)} → ${formatBytes(bytes.file)}`,
  formatRatio(bytes.original / bytes.file),
  `error ${formatPercent(error.reference)} → ${formatPercent(error.compressed)}`,
];

export const headline = (report: Report): string => headlineParts(report).join(' · ');
