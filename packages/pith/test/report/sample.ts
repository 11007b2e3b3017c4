/** A report as a run of Deep Compression on LeNet-5 and MNIST would leave it. Made by hand; numbers close to those of the paper. */
import type { CurveRow, LayerRow, PointRow, Report } from '../../src/report/report.js';

const BINS = 48;

/** Two lobes with a gap at zero, where the pruned weights were. */
function histogram(kept: number, reach: number, cut: number): NonNullable<LayerRow['histogram']> {
  const mass = Array.from({ length: BINS }, (_, i) => {
    const x = ((i + 0.5) / BINS) * 2 - 1;
    return Math.abs(x) < cut
      ? 0
      : Math.exp(-(((Math.abs(x) - cut - 0.06) / 0.22) ** 2)) * (x > 0 ? 1 : 0.86) * (1 + 0.08 * Math.sin(i * 2.3));
  });
  const total = mass.reduce((a, b) => a + b, 0);
  return { low: -reach, high: reach, counts: mass.map((m) => Math.round((m / total) * kept)) };
}

/** Centroids where linear initialisation and k-means leave them: outside the gap, a little denser near it. */
function codebook(count: number, reach: number, cut: number): number[] {
  return Array.from({ length: count }, (_, i) => {
    const half = count / 2;
    const t = i < half ? (half - i) / half : (i - half + 1) / half;
    return (i < half ? -1 : 1) * reach * (cut + (0.98 - cut) * t ** 1.2);
  });
}

const layers: readonly LayerRow[] = [
  {
    name: 'conv1',
    kind: 'convolution',
    dims: [20, 1, 5, 5],
    parameters: 520,
    multiplyAdds: 288_000,
    density: 0.66,
    centroids: 128,
    weightBits: { fixed: 8, coded: 6.7 },
    indexBits: { fixed: 8, coded: 1.5 },
    bytes: { dense: 2_080, pruned: 2_139, shared: 1_278, coded: 900 },
    histogram: histogram(330, 0.78, 0.08),
    codebook: codebook(128, 0.78, 0.08),
  },
  {
    name: 'conv2',
    kind: 'convolution',
    dims: [50, 20, 5, 5],
    parameters: 25_050,
    multiplyAdds: 1_600_000,
    density: 0.12,
    centroids: 256,
    weightBits: { fixed: 8, coded: 7.2 },
    indexBits: { fixed: 8, coded: 3.5 },
    bytes: { dense: 100_200, pruned: 15_430, shared: 7_236, coded: 5_220 },
    histogram: histogram(2_956, 0.42, 0.21),
    codebook: codebook(256, 0.42, 0.21),
  },
  {
    name: 'fc1',
    kind: 'linear',
    dims: [500, 800],
    parameters: 400_500,
    multiplyAdds: 400_000,
    density: 0.0712,
    centroids: 32,
    weightBits: { fixed: 5, coded: 4.2 },
    indexBits: { fixed: 5, coded: 3.6 },
    bytes: { dense: 1_602_000, pruned: 146_310, shared: 38_420, coded: 28_730 },
    histogram: histogram(28_015, 0.19, 0.3),
    codebook: codebook(32, 0.19, 0.3),
  },
  {
    name: 'fc2',
    kind: 'linear',
    dims: [10, 500],
    parameters: 5_010,
    multiplyAdds: 5_000,
    density: 0.19,
    centroids: 32,
    weightBits: { fixed: 5, coded: 4.4 },
    indexBits: { fixed: 5, coded: 2.6 },
    bytes: { dense: 20_040, pruned: 4_810, shared: 1_358, coded: 888 },
    histogram: histogram(942, 0.31, 0.24),
    codebook: codebook(32, 0.31, 0.24),
  },
];

const epochs = (count: number, from: number, to: number, error: number): CurveRow['epochs'] =>
  Array.from({ length: count }, (_, i) => {
    const t = Math.exp(-i / (count / 3));
    return { loss: to + (from - to) * t, error: error + (from - to) * 0.28 * t };
  });

const curves: readonly CurveRow[] = [
  { step: 1, use: 'train', epochs: epochs(6, 0.031, 0.007, 0.0014) },
  { step: 3, use: 'train', epochs: epochs(6, 0.052, 0.009, 0.0019) },
  { step: 5, use: 'train', epochs: epochs(8, 0.094, 0.012, 0.0026) },
  { step: 7, use: 'train', epochs: epochs(3, 0.022, 0.011, 0.0022) },
];

const point = (
  step: number,
  use: string,
  stage: PointRow['stage'],
  round: number,
  bytes: number,
  error: number,
  loss: number,
  density: number,
  seconds: number,
): PointRow => ({ step, use, stage, bytes, error, loss, density, round, seconds });

const points: readonly PointRow[] = [
  point(-1, 'reference', 'reference', 0, 1_725_180, 0.0078, 0.0241, 1, 0),
  point(0, 'prune', 'pruned', 0, 462_300, 0.0104, 0.0352, 0.21, 2),
  point(1, 'train', 'pruned', 0, 462_300, 0.0076, 0.0238, 0.21, 49),
  point(2, 'prune', 'pruned', 1, 268_900, 0.0171, 0.0563, 0.12, 2),
  point(3, 'train', 'pruned', 1, 268_900, 0.0074, 0.0245, 0.12, 47),
  point(4, 'prune', 'pruned', 2, 169_640, 0.0312, 0.1012, 0.0755, 2),
  point(5, 'train', 'pruned', 2, 169_640, 0.0075, 0.0252, 0.0755, 61),
  point(6, 'share', 'shared', 2, 36_214, 0.0089, 0.0291, 0.0755, 4),
  point(7, 'train', 'shared', 2, 36_214, 0.0074, 0.0249, 0.0755, 24),
];

export const lenet5: Report = {
  pithReport: 1,
  network: 'lenet-5',
  data: { name: 'mnist', train: 60_000, test: 10_000, classes: ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'] },
  recipe: {
    version: 1,
    seed: 7,
    steps: [
      { use: 'prune', criterion: 'magnitude', scope: 'layer', keep: { conv1: 0.66, conv2: 0.12, fc1: 0.0712, fc2: 0.19 }, rounds: 3 },
      { use: 'train', epochs: 6, optimizer: 'sgd', rate: 0.01, momentum: 0.9 },
      { use: 'share', bits: { conv: 8, fc: 5 }, start: 'linear' },
      { use: 'train', epochs: 3, optimizer: 'sgd', rate: 0.001, momentum: 0.9 },
      { use: 'code', coder: 'huffman', indexBits: { conv: 8, fc: 5 } },
    ],
  },
  seed: 7,
  command: 'pith compress lenet-5.onnx --data mnist --recipe deep-compression --max-drop 0 --max-size 44.2kB --seed 7 -o lenet-5.pith',
  versions: { pith: '0.1.0', 'onnxruntime-node': '1.30.0', node: '20.19.5' },
  parameters: 431_080,
  error: { reference: 0.0078, compressed: 0.0074, decoded: 0.0074 },
  bytes: { original: 1_724_320, pruned: 168_689, shared: 48_292, file: 36_214 },
  sections: [
    { name: 'header', bytes: 44 },
    { name: 'graph', bytes: 268 },
    { name: 'conv1.weight', bytes: 820 },
    { name: 'conv2.weight', bytes: 5_020 },
    { name: 'fc1.weight', bytes: 26_730 },
    { name: 'fc2.weight', bytes: 848 },
    { name: 'biases', bytes: 2_320 },
    { name: 'checksums', bytes: 164 },
  ],
  layers,
  points,
  curves,
  seconds: 191,
  sourceHash: '4f1c0d5b8c7e9a2b3d4e5f60718293a4b5c6d7e8f90a1b2c3d4e5f6071829304',
  fileHash: 'a90b1c2d3e4f5061728394a5b6c7d8e9f0a1b2c3d4e5f60718293a4b5c6d7e8f',
  targets: [
    { name: 'size', wanted: '≤ 44.2 kB', got: '36.2 kB', met: true },
    { name: 'error', wanted: '≤ 0.78 %', got: '0.74 %', met: true },
  ],
};
