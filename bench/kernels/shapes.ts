/** The layers that kernels are measured on: those of networks that everybody knows, and those of the goals for sparse and binary weights. */
import type { ConvShape, LinearShape } from '../../packages/runtime/dist/kernels/choice.js';

export interface ConvCase {
  readonly name: string;
  readonly conv: ConvShape;
}
export interface LinearCase {
  readonly name: string;
  readonly linear: LinearShape;
}
export type Case = ConvCase | LinearCase;

interface Form {
  readonly from: number;
  readonly to: number;
  readonly size: number;
  readonly kernel?: number;
  readonly stride?: number;
  readonly groups?: number;
}

/** Padded as these networks are: the output is as large as the input, over the stride. */
export function conv(network: string, { from, to, size, kernel = 1, stride = 1, groups = 1 }: Form): ConvCase {
  const out = Math.ceil(size / stride);
  const pad = Math.floor((kernel - 1) / 2);
  const kind = groups === 1 ? `${kernel}×${kernel}` : `${kernel}×${kernel} depthwise`;
  return {
    name: `${network ? `${network} ` : ''}${kind}${stride === 1 ? '' : ` /${stride}`} [${from}→${to}, ${size}×${size}]`,
    conv: {
      batch: 1,
      channels: from,
      height: size,
      width: size,
      outputs: to,
      groups,
      kernel: [kernel, kernel],
      strides: [stride, stride],
      dilations: [1, 1],
      pads: [pad, pad, pad, pad],
      outHeight: out,
      outWidth: out,
    },
  };
}

const linear = (network: string, inputs: number, outputs: number, count = 1): LinearCase => ({
  name: `${network ? `${network} ` : ''}linear [${count} × ${inputs}→${outputs}]`,
  linear: { count, inputs, outputs },
});

const resnet20: readonly Case[] = [
  conv('ResNet-20', { from: 3, to: 16, size: 32, kernel: 3 }),
  conv('ResNet-20', { from: 16, to: 16, size: 32, kernel: 3 }),
  conv('ResNet-20', { from: 16, to: 32, size: 32, kernel: 3, stride: 2 }),
  conv('ResNet-20', { from: 32, to: 32, size: 16, kernel: 3 }),
  conv('ResNet-20', { from: 32, to: 64, size: 16, kernel: 3, stride: 2 }),
  conv('ResNet-20', { from: 64, to: 64, size: 8, kernel: 3 }),
  linear('ResNet-20', 64, 10),
];

/** One of each kind: a bottleneck in, its middle, out, and the shortcut. */
const resnet50: readonly Case[] = [
  conv('ResNet-50', { from: 3, to: 64, size: 224, kernel: 7, stride: 2 }),
  ...[
    [64, 56],
    [128, 28],
    [256, 14],
    [512, 7],
  ].flatMap(([width = 0, size = 0], stage) => {
    const [wide, before] = [4 * width, stage === 0 ? 64 : 2 * width];
    const shortcut = stage === 0 ? { from: 64, to: wide, size } : { from: before, to: wide, size: 2 * size, stride: 2 };
    const entering =
      stage === 0
        ? []
        : [
            conv('ResNet-50', { from: before, to: width, size: 2 * size }),
            conv('ResNet-50', { from: width, to: width, size: 2 * size, kernel: 3, stride: 2 }),
          ];
    return [
      ...entering,
      conv('ResNet-50', shortcut),
      conv('ResNet-50', { from: wide, to: width, size }),
      conv('ResNet-50', { from: width, to: width, size, kernel: 3 }),
      ...(stage === 0 ? [] : [conv('ResNet-50', { from: width, to: wide, size })]),
    ];
  }),
  linear('ResNet-50', 2048, 1000),
];

const mobilenet: readonly Case[] = [
  conv('MobileNet v1', { from: 3, to: 32, size: 224, kernel: 3, stride: 2 }),
  ...[
    [32, 64, 112, 1],
    [64, 128, 112, 2],
    [128, 128, 56, 1],
    [128, 256, 56, 2],
    [256, 256, 28, 1],
    [256, 512, 28, 2],
    [512, 512, 14, 1],
    [512, 1024, 14, 2],
    [1024, 1024, 7, 1],
  ].flatMap(([from = 0, to = 0, size = 0, stride = 1]) => [
    conv('MobileNet v1', { from, to: from, size, kernel: 3, stride, groups: from }),
    conv('MobileNet v1', { from, to, size: size / stride }),
  ]),
  linear('MobileNet v1', 1024, 1000),
];

export const denseCases: readonly Case[] = [...resnet20, ...resnet50, ...mobilenet];

export interface SparseCase {
  readonly of: Case;
  /** Share of weights that are kept. */
  readonly kept: number;
  /** How many times faster than the rival's dense kernel it is meant to be. */
  readonly goal?: number;
}

const pointwise = [
  conv('', { from: 256, to: 256, size: 14 }),
  conv('', { from: 512, to: 512, size: 14 }),
  conv('', { from: 128, to: 128, size: 28 }),
];

export const sparseCases: readonly SparseCase[] = [
  ...pointwise.flatMap((of) => [
    { of, kept: 0.2, goal: 3.5 },
    { of, kept: 0.1, goal: 8 },
    { of, kept: 0.05, goal: 14 },
  ]),
  { of: conv('', { from: 64, to: 64, size: 56, kernel: 3 }), kept: 0.1, goal: 6 },
  { of: conv('', { from: 256, to: 256, size: 14, kernel: 3 }), kept: 0.1, goal: 6 },
  { of: conv('', { from: 128, to: 128, size: 56, kernel: 3, stride: 2 }), kept: 0.1 },
  { of: conv('', { from: 64, to: 64, size: 8, kernel: 3 }), kept: 0.1 },
  { of: linear('LeNet-300-100', 784, 300), kept: 0.08 },
  { of: linear('LeNet-5', 800, 500), kept: 0.08 },
  { of: linear('LeNet-300-100', 784, 300, 32), kept: 0.08 },
];

export const binaryCases: readonly Case[] = [
  conv('', { from: 64, to: 64, size: 56, kernel: 3 }),
  conv('', { from: 128, to: 128, size: 28, kernel: 3 }),
  conv('', { from: 256, to: 256, size: 14, kernel: 3 }),
];

/** For weights that share few values. */
export const codebookCases: readonly SparseCase[] = [
  { of: conv('', { from: 512, to: 512, size: 14 }), kept: 0.1 },
  { of: conv('', { from: 256, to: 256, size: 14, kernel: 3 }), kept: 0.1 },
];
