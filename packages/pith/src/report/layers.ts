/** The figures of Tables 2 and 3 of Deep Compression (Han, Mao and Dally, 2016) from a report: a row for each layer and their total. */
import { formatCount, formatNumber, formatPercent, formatRatio } from './format.js';
import type { LayerRow, Report } from './report.js';

export interface LayerFigures {
  readonly name: string;
  readonly parameters: number;
  /** Share of the weights that are kept (P). NaN where unknown, as all figures here. */
  readonly density: number;
  readonly weightBits: LayerRow['weightBits'];
  readonly indexBits: LayerRow['indexBits'];
  /** Bytes over those in float32: with fixed-length codes (P+Q), and Huffman-coded (P+Q+H). */
  readonly rate: { readonly shared: number; readonly coded: number };
  /** In the file. */
  readonly bytes: number;
}

const sum = <T>(rows: readonly T[], of: (row: T) => number): number => rows.reduce((total, row) => total + of(row), 0);

export const keptOf = (layer: LayerRow): number => layer.density * layer.parameters;

const layerFigures = (layer: LayerRow): LayerFigures => ({
  name: layer.name,
  parameters: layer.parameters,
  density: layer.density,
  weightBits: layer.weightBits,
  indexBits: layer.indexBits,
  rate: { shared: layer.bytes.shared / layer.bytes.dense, coded: layer.bytes.coded / layer.bytes.dense },
  bytes: layer.bytes.coded,
});

/** Biases and normalisation: stored as they are, a few bytes of each layer. Bits per weight say nothing of them. */
const isRest = ({ kind }: LayerRow): boolean => kind === 'bias' || kind === 'normalization';

/** A row for each layer with weights, and one for all the rest, so that the bytes add up. */
export function figureRows(layers: readonly LayerRow[]): LayerFigures[] {
  const rest = layers.filter(isRest);
  const rows = layers.filter((l) => !isRest(l)).map(layerFigures);
  const unknown = { fixed: Number.NaN, coded: Number.NaN };
  const name = rest.every((l) => l.kind === 'bias') ? 'biases' : 'biases, normalization';
  return rest.length === 0 ? rows : [...rows, { ...totalFigures(rest), name, weightBits: unknown, indexBits: unknown }];
}

/** The total row: bits are means over all kept weights of layers, rates are sums of bytes over sums of bytes. */
export function totalFigures(layers: readonly LayerRow[]): LayerFigures {
  const parameters = sum(layers, (l) => l.parameters);
  const kept = sum(layers, keptOf);
  const weights = layers.filter((l) => !isRest(l) && keptOf(l) > 0);
  const mean = (bits: (layer: LayerRow) => number): number => sum(weights, (l) => keptOf(l) * bits(l)) / sum(weights, keptOf);
  const dense = sum(layers, (l) => l.bytes.dense);
  return {
    name: 'total',
    parameters,
    density: kept / parameters,
    weightBits: { fixed: mean((l) => l.weightBits.fixed), coded: mean((l) => l.weightBits.coded) },
    indexBits: { fixed: mean((l) => l.indexBits.fixed), coded: mean((l) => l.indexBits.coded) },
    rate: { shared: sum(layers, (l) => l.bytes.shared) / dense, coded: sum(layers, (l) => l.bytes.coded) / dense },
    bytes: sum(layers, (l) => l.bytes.coded),
  };
}

/** Parameters that are left in the whole network: what no layer lists is kept. */
export function keptParameters(report: Report): number {
  return report.parameters - sum(report.layers, (l) => l.parameters - keptOf(l));
}

/** Integers that were trained against their bytes have not been pruned, shared and coded one after the other. */
export const wasRated = ({ points }: Report): boolean => points.some(({ stage }) => stage === 'rated');

/** The cells of a row where integers were trained against their bytes: how many are not zero, and what each of these takes. */
export const ratedCells = (f: LayerFigures): string[] => [
  f.name,
  formatCount(f.parameters),
  formatPercent(f.density, 1),
  formatNumber(f.weightBits.coded + f.indexBits.coded, 1),
  formatCount(f.bytes),
  formatPercent(f.rate.coded),
  formatRatio(1 / f.rate.coded),
];

/** The cells of a row, in the order of the paper's columns; the last is how many times smaller the layer became. */
export const figureCells = (f: LayerFigures): string[] => [
  f.name,
  formatCount(f.parameters),
  formatPercent(f.density, 1),
  formatNumber(f.weightBits.fixed, 1),
  formatNumber(f.weightBits.coded, 1),
  formatNumber(f.indexBits.fixed, 1),
  formatNumber(f.indexBits.coded, 1),
  formatPercent(f.rate.shared),
  formatPercent(f.rate.coded),
  formatRatio(1 / f.rate.coded),
];
