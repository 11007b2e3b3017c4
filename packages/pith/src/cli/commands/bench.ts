/** `pith bench`: how fast a model runs by pith-runtime, layer by layer, and beside its peers. */
import { InvalidArgumentError } from 'commander';
import type { BenchResult, Peer } from '../../library/bench.js';
import { formatBytes, formatCount, formatDims, formatNumber, formatPercent } from '../../report/format.js';
import { textTable } from '../../report/text-table.js';
import type { CommandSpec } from '../command.js';
import { realNumber, wholeNumber } from '../options.js';

interface Flags {
  readonly vs: readonly Peer[];
  readonly batch: number;
  readonly seconds: number;
  readonly seed: number;
  readonly explain?: boolean;
  readonly allowReducedPrecision?: boolean;
}

const peers: readonly Peer[] = ['onnxruntime-node', 'onnxruntime-web'];

function peersIn(text: string): readonly Peer[] {
  const words = text.split(',').map((word) => word.trim());
  return words.map((word) => {
    const known = peers.find((peer) => peer === word);
    if (!known) throw new InvalidArgumentError(`expected ${peers.join(' or ')}, or both with a comma.`);
    return known;
  });
}

export const benchCommand: CommandSpec = {
  name: 'bench',
  summary: 'time per layer by pith-runtime, and beside ONNX Runtime',
  help: `Everything runs on one thread, in turns, on drawn inputs, after its outputs were compared with ONNX Runtime's. onnxruntime-web runs on
WebAssembly in Node and has to be installed beside pith.

  pith bench model.pith --vs onnxruntime-node
  npm install onnxruntime-web && pith bench model.pith --vs onnxruntime-web,onnxruntime-node`,
  words: (c) =>
    c
      .argument('<file>', 'an ONNX or .pith file')
      .option('--vs <list>', 'peers that are timed beside it: onnxruntime-web, onnxruntime-node', peersIn, [])
      .option('--batch <n>', 'samples in one run', wholeNumber(1, 65536), 1)
      .option('--seconds <s>', 'time for the runs of each', realNumber({ above: 0, most: 3600 }), 2)
      .option('--seed <n>', 'of the inputs that are drawn', wholeNumber(0, 2 ** 32 - 1), 7)
      .option('--explain', 'say of each layer why its kernel was chosen')
      .option('--allow-reduced-precision', 'pith-runtime may round beyond float32 where it is faster for it'),
  async action([file], given, { show, signal }) {
    const { vs, batch, seconds, seed, explain = false, allowReducedPrecision = false } = given as unknown as Flags;
    show('loading');
    const { bench } = await import('../../library/bench.js');
    const result = await bench({
      model: file!,
      vs,
      batch,
      seconds,
      seed,
      allowReducedPrecision,
      signal,
      onProgress: (done) => show('running', done),
    });
    return { text: textOf(result, explain), json: { file, ...result } };
  },
};

const right = (title: string) => ({ title, align: 'right' as const });
const left = (title: string) => ({ title, align: 'left' as const });
const milliseconds = (value: number): string => formatNumber(value, value < 10 ? 3 : 1);

function textOf({ layers, memory, timed, format, bytes, batch }: BenchResult, explain: boolean): string {
  const sum = (of: (layer: BenchResult['layers'][number]) => number): number => layers.reduce((total, layer) => total + of(layer), 0);
  const whole = sum((l) => l.milliseconds);
  const rows = layers.map((l) => [
    l.layer,
    [l.op, ...l.fused].join(' + '),
    l.kernel,
    formatDims(l.dims[0] ?? []),
    milliseconds(l.milliseconds),
    formatPercent(l.milliseconds / whole, 1),
    formatCount(l.multiplyAdds),
    l.denseMultiplyAdds === 0 ? '' : formatPercent(l.multiplyAdds / l.denseMultiplyAdds, 1),
  ]);
  const [done, dense] = [sum((l) => l.multiplyAdds), sum((l) => l.denseMultiplyAdds)];
  const table = textTable({
    columns: [
      left('layer'),
      left('does'),
      left('kernel'),
      right('output'),
      right('ms'),
      right('share'),
      right('multiply-\nadds'),
      right('of dense'),
    ],
    rows,
    foot: [['total', '', '', '', milliseconds(whole), '', formatCount(done), dense === 0 ? '' : formatPercent(done / dense, 1)]],
  });
  const [own] = timed;
  const compared = textTable({
    columns: [
      left(''),
      right('load\nms'),
      right('first run\nms'),
      right('median\nms'),
      right('least\nms'),
      right('runs'),
      right('to pith'),
      right('error'),
    ],
    rows: timed.map((t) => [
      t.name,
      milliseconds(t.load),
      milliseconds(t.first),
      milliseconds(t.median),
      milliseconds(t.least),
      formatCount(t.runs),
      `${formatNumber(t.median / own!.median, 2)}×`,
      t.error.toExponential(1),
    ]),
  });
  const held = `memory: weights ${formatBytes(memory.weights)}, activations ${formatBytes(memory.arena)} (${formatBytes(memory.peakActivations)} at least)`;
  return [
    `${format}, ${formatBytes(bytes)}, batch ${batch}, one thread`,
    table,
    ...(explain ? [layers.map((l) => `${l.layer}: ${l.kernel}${l.exact ? '' : ' (reduced precision)'}: ${l.why}`).join('\n')] : []),
    held,
    compared,
  ].join('\n\n');
}
