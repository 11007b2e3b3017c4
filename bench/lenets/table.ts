/** The results of bench/lenets.ts as a table of markdown. */
export interface LenetResult {
  readonly network: string;
  readonly seed: number;
  /** Top-1 errors on the 10,000 test digits, 0 … 1. */
  readonly reference: number;
  readonly compressed: number;
  /** Bytes: float32; pruned, in compressed sparse rows; shared, with codes of fixed length; the whole file. */
  readonly original: number;
  readonly pruned: number;
  readonly shared: number;
  readonly bytes: number;
  readonly fileHash: string;
  readonly trainSeconds: number;
  readonly compressSeconds: number;
}

const percent = (x: number): string => `${(100 * x).toFixed(2)} %`;
/** Cut, not rounded: 39.96 is not 40. */
const times = (x: number): string => `${(Math.floor(10 * x) / 10).toFixed(1)}×`;

export function lenetTable(rows: readonly LenetResult[]): string {
  const head = ['network', 'seed', 'error before', 'error after', 'float32', 'P', 'P+Q', 'file (P+Q+H)', 'rate', 'training', 'compression'];
  const body = rows.map((r) => [
    r.network,
    String(r.seed),
    percent(r.reference),
    percent(r.compressed),
    `${r.original} B`,
    times(r.original / r.pruned),
    times(r.original / r.shared),
    `${r.bytes} B`,
    times(r.original / r.bytes),
    `${Math.round(r.trainSeconds)} s`,
    `${Math.round(r.compressSeconds)} s`,
  ]);
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return `${[line(head), line(head.map(() => '---')), ...body.map(line)].join('\n')}\n`;
}
