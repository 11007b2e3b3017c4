/** The results of bench/paper-tables.ts as tables: each layer beside the paper, then totals and times of each coder. */
import { type Machine, markdown } from '../support/results.js';
import { tables } from './layers.js';

/** Seconds. */
export interface Time {
  readonly wall: number;
  readonly cpu: number;
}

export interface Coded {
  readonly machine: Machine;
  readonly seed: number;
  readonly network: string;
  readonly coder: string;
  readonly bytes: number;
  readonly layers: readonly { readonly name: string; readonly bytes: number; readonly weights: number }[];
  readonly encoding: Time;
  readonly decoding: Time;
  /** Of the whole process, the generated weights among it. */
  readonly peakMegabytes: number;
}

const percent = (share: number): string => `${(100 * share).toFixed(2)} %`;

function layersOf(network: string, coded: readonly Coded[]): string {
  const { layers } = tables.find((t) => t.name === network)!;
  const rows = layers.map((layer, i) => {
    const rates = coded.map(({ layers }) => layers[i]!.bytes / (4 * layers[i]!.weights));
    const huffman = coded.findIndex((c) => c.coder === 'huffman');
    const off = huffman < 0 ? '–' : `${(100 * (rates[huffman]! / layer.rateCoded - 1)).toFixed(1)} %`;
    return [layer.name, percent(layer.density), percent(layer.rateCoded), ...rates.map(percent), off];
  });
  return markdown(['layer', 'kept', 'paper (P+Q+H)', ...coded.map((c) => c.coder), 'huffman − paper'], rows);
}

export function totalsOf(coded: readonly Coded[]): string {
  const huffman = coded.find((c) => c.coder === 'huffman');
  const rows = coded.map(({ network, coder, bytes, layers, encoding, decoding, peakMegabytes }) => {
    const weights = layers.reduce((sum, l) => sum + l.weights, 0);
    const over = huffman ? `${(bytes / huffman.bytes).toFixed(3)}×` : '–';
    const rate = ({ cpu }: Time): string => `${cpu.toFixed(2)} s (${(weights / cpu / 1e6).toFixed(1)} M/s)`;
    const share = percent(bytes / (4 * weights));
    return [network, coder, `${bytes} B`, share, over, rate(encoding), rate(decoding), `${Math.round(peakMegabytes)} MB`];
  });
  return markdown(['network', 'coder', 'file', 'of float32', 'over Huffman', 'encoding, CPU', 'decoding, CPU', 'peak memory'], rows);
}

/** The files of one network beside each other, network by network. */
export function paperTables(coded: readonly Coded[]): string {
  const names = [...new Set(coded.map((c) => c.network))];
  const of = (network: string): Coded[] => coded.filter((c) => c.network === network);
  return names.map((n) => `${totalsOf(of(n))}\n${layersOf(n, of(n))}`).join('\n');
}
