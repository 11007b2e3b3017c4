/** The report as plain text for a terminal: Table 1 of Deep Compression for the network, Tables 2 and 3 for its layers. */
import { spentTable, verdictText } from './evidence.js';
import { formatCount, formatPercent, formatRatio, formatSeconds, printable, shorten } from './format.js';
import { frontierTable } from './frontier.js';
import { headline } from './headline.js';
import { figureCells, figureRows, keptParameters, ratedCells, totalFigures, wasRated } from './layers.js';
import type { Report } from './report.js';
import { textTable } from './text-table.js';

/** As Table 1 of Deep Compression: the reference, the compressed network, and the file decoded to ONNX. */
export function summaryTable(report: Report): string {
  const { network, parameters, error, bytes } = report;
  const kept = formatCount(keptParameters(report));
  const ratio = formatRatio(bytes.original / bytes.file);
  return textTable({
    columns: [
      { title: 'network', align: 'left' },
      { title: '', align: 'left' },
      { title: 'top-1 error', align: 'right' },
      { title: 'parameters', align: 'right' },
      { title: 'bytes', align: 'right' },
      { title: 'compress rate', align: 'right' },
    ],
    rows: [
      [network, 'reference', formatPercent(error.reference), formatCount(parameters), formatCount(bytes.original), ''],
      [network, 'compressed', formatPercent(error.compressed), kept, formatCount(bytes.file), ratio],
      [network, 'decoded to ONNX', formatPercent(error.decoded), kept, '', ''],
    ],
  });
}

const layerTitles = [
  '#weights',
  'weights\nP',
  'weight\nbits\nP+Q',
  '\nP+Q+H',
  'index\nbits\nP+Q',
  '\nP+Q+H',
  'compress\nrate\nP+Q',
  '\nP+Q+H',
  '',
];

const ratedTitles = ['#weights', 'not\nzero', 'bits of\neach', 'bytes', 'of\nfloat32', ''];

/** As Tables 2 and 3 of Deep Compression. P: pruning, Q: weight sharing, H: Huffman coding. */
export function layerTable(report: Report): string {
  const { layers } = report;
  const [titles, cells] = wasRated(report) ? [ratedTitles, ratedCells] : [layerTitles, figureCells];
  return textTable({
    columns: [{ title: 'layer', align: 'left' }, ...titles.map((title) => ({ title, align: 'right' as const }))],
    rows: figureRows(layers).map(cells),
    foot: [cells(totalFigures(layers))],
  });
}

/** What each round of a search came to; empty where there was one, or where the points of a curve say it. */
function roundsTable({ points, frontier, bytes }: Report): string {
  const rounds = points.filter((p, i) => p.step >= 0 && points[i + 1]?.round !== p.round);
  if (rounds.length < 2 || frontier) return '';
  return textTable({
    columns: ['round', 'bytes', 'compress rate', 'top-1 error', 'parameters kept'].map((title) => ({ title, align: 'right' })),
    rows: rounds.map((p) => [
      String(p.round + 1),
      formatCount(p.bytes),
      formatRatio(bytes.original / p.bytes),
      formatPercent(p.error),
      formatPercent(p.density, 1),
    ]),
  });
}

/** One line for each target that was given. */
function targetLines({ targets }: Report): string {
  return targets
    .map(({ name, wanted, got, met }) => printable(`${met ? 'met:    ' : 'NOT MET:'} ${name}, wanted ${wanted}, got ${got}`))
    .join('\n');
}

/** What `pith compress` and `pith report` print about a result. Ends without a line break. */
export function renderText(report: Report): string {
  const { network, data, seed, seconds } = report;
  const title = `${shorten(printable(network), 40)} on ${shorten(printable(data.name), 24)}, seed ${seed}, ${formatSeconds(seconds)}`;
  const parts = [`${title}\n${headline(report)}`, targetLines(report), summaryTable(report), roundsTable(report), frontierTable(report)];
  if (report.layers.length) parts.push(layerTable(report));
  parts.push(spentTable(report), verdictText(report));
  return parts.filter((part) => part !== '').join('\n\n');
}
