/** The results of bench/training.ts, and their table. */
export interface SideResult {
  readonly name: string;
  /** Milliseconds of a step, in each round. */
  readonly ms: readonly number[];
  readonly median: number;
  readonly least: number;
}

export interface CaseResult {
  readonly case: string;
  readonly batch: number;
  readonly torch: { readonly torch: string; readonly variant: string; readonly tried: Readonly<Record<string, number>> };
  /** The largest difference between losses of the first ten steps. */
  readonly apart: number;
  /** Ours, then PyTorch as it is by default, then its fastest variant. */
  readonly sides: readonly SideResult[];
}

export interface Results {
  readonly version: 1;
  readonly machine: { readonly cpu: string; readonly cores: number; readonly threads: number; readonly loadBefore: number };
  readonly versions: { readonly node: string; readonly onnxruntime: string; readonly torch: string };
  readonly peakMegabytes: Readonly<Record<string, number>>;
  readonly cases: readonly CaseResult[];
}

const middle = (list: readonly number[]): number => [...list].sort((a, b) => a - b)[list.length >> 1]!;

/** The median over rounds of PyTorch's time over ours in the same round. */
const ratio = (ours: SideResult, torch: SideResult): number => middle(ours.ms.map((ms, i) => torch.ms[i]! / ms));

export function tableOf(results: Pick<Results, 'cases'> & Partial<Results>): string {
  const head = ['network/batch', 'program', 'ms, median', 'ms, least', 'img/s, median', 'times PyTorch, default', 'times PyTorch, fastest'];
  const rows = results.cases.flatMap(({ case: name, batch, sides }) =>
    sides.map((side) => {
      const times = sides.slice(-2).map((torch) => (side === torch ? '1' : ratio(side, torch).toFixed(2)));
      return [name, side.name, side.median.toFixed(2), side.least.toFixed(2), ((batch / side.median) * 1e3).toFixed(0), ...times];
    }),
  );
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  const table = [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
  const { machine, versions, peakMegabytes } = results;
  if (!machine || !versions || !peakMegabytes) return `${table}\n`;
  const memory = Object.entries(peakMegabytes).map(([name, mb]) => `${name} ${mb.toFixed(0)} MB`);
  const about = `${machine.cpu}, ${machine.cores} cores, ${machine.threads} threads; Node ${versions.node}, ONNX Runtime ${versions.onnxruntime}, PyTorch ${versions.torch}. Load before: ${machine.loadBefore.toFixed(1)}.`;
  return `${table}\n\n${about}\n\nPeak memory of training, one session: ${memory.join(', ')}.\n`;
}
