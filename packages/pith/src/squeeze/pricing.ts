/**
 * What an error in a weight costs, in the same money for all layers: the share of the model's output power that it is expected to disturb.
 * With gradients it is worked out; with what flows into a layer alone, the layer's own output stands for the model's; with nothing, the
 * weights themselves do.
 */
import type { LayerMoments } from '../calibrate/moments.js';
import { type Feedback, feedbackOf, leading, withoutFeedback } from '../quantize/factors.js';
import type { GroupFactors } from '../quantize/quantize-layer.js';

export type Method = 'trellis' | 'feedback' | 'two-sided feedback';

export interface Pricing {
  readonly method: Method;
  /** Why it is no more than that, where more was asked for. */
  readonly because?: string;
  readonly groups: readonly GroupFactors[];
  /** Of a squared error of 1 in importance 1. */
  readonly price: number;
  /** Whether the bias is among the inputs. */
  readonly biased: boolean;
}

/** Shares of the mean diagonal added to moments: of a few samples they are never certain. */
const inputDamp = 0.01;
const outputDamp = 0.2;

/** Every error counts alike, by how large it is beside all weights of the tensor together. */
export function withoutStatistics(weights: Float64Array, width: number, because?: string): Pricing {
  const inputs = withoutFeedback(new Float64Array(width).fill(1));
  const pricing = { method: 'trellis', groups: [{ inputs: [inputs], outputs: null }], price: 1 / powerOf(weights), biased: false } as const;
  return because === undefined ? pricing : { ...pricing, because };
}

export interface PricedShape {
  /** Weights of one row. */
  readonly width: number;
  readonly rows: number;
  readonly biased: boolean;
  /** Rows of a table are looked up, not multiplied: what samples did not ask for counts like what they did. */
  readonly lookup: boolean;
}

/** `outputPower`: the mean, over samples, of the summed squares of the model's first output, its mean taken off. */
export function priced(weights: Float64Array, shape: PricedShape, moments: LayerMoments, outputPower: number): Pricing {
  const { width, rows, biased, lookup } = shape;
  const count = moments.inputDiagonal.length;
  const size = width + (biased ? 1 : 0);
  const groups = moments.inputDiagonal.map((diagonal, g): GroupFactors => {
    const input = moments.input?.slice(g * moments.blocks, (g + 1) * moments.blocks);
    const output = moments.output?.[g];
    const diagonalOfOutput = moments.outputDiagonal?.[g];
    return {
      inputs: input ? inBlocks(input, shape) : [withoutFeedback(raised(diagonal.slice(0, size), rarest))],
      outputs: output
        ? feedbackOf(output, rows / count, outputDamp)
        : diagonalOfOutput
          ? withoutFeedback(raised(diagonalOfOutput.slice(), lookup ? 1 : rarest))
          : null,
    };
  });
  if (moments.kind === 'gradient') return { method: 'two-sided feedback', groups, price: 1 / (moments.trace * outputPower), biased };
  return { method: 'feedback', groups, price: 1 / layerPower(weights, shape, moments), biased };
}

/** Blocks of columns, each with the bias behind it where there is one. */
const inBlocks = (blocks: readonly Float64Array[], { width, biased }: PricedShape): Feedback[] =>
  blocks.map((moments) => {
    const columns = width / blocks.length;
    const size = columns + (biased ? 1 : 0);
    return feedbackOf(biased ? moments : leading(moments, columns + 1, columns), size, inputDamp);
  });

/** No entry of a diagonal is cheaper than this share of their mean: samples have not seen everything. */
const rarest = 0.01;
function raised(diagonal: Float64Array, share: number): Float64Array {
  const mean = diagonal.reduce((a, b) => a + b, 0) / diagonal.length;
  const least = mean > 0 ? mean * share : 1;
  return share === 1 ? diagonal.fill(least) : diagonal.map((d) => Math.max(d, least));
}

const powerOf = (weights: Float64Array): number => weights.reduce((sum, w) => sum + w * w, 0) || 1;

/** So many rows tell the power of a layer. */
const rowsAsked = 64;

/** Power of the layer's output without its bias: Σ over rows of w·A·wᵀ. */
function layerPower(
  weights: Float64Array,
  { width, rows }: PricedShape,
  { input, inputDiagonal, outputDiagonal, blocks }: LayerMoments,
): number {
  const perGroup = rows / inputDiagonal.length;
  const every = Math.ceil(rows / rowsAsked);
  // of a table, the shares of lookups: each row counts as the mean
  const counted = outputDiagonal ? outputDiagonal[0]!.reduce((a, b) => a + b, 0) / rows : 1;
  let power = 0;
  for (let row = 0; row < rows; row += every) {
    const group = Math.floor(row / perGroup);
    const w = weights.subarray(row * width, (row + 1) * width);
    const columns = width / blocks;
    for (let i = 0; i < width; i++) {
      const block = Math.floor(i / columns);
      const full = input?.[group * blocks + block];
      let sum = 0;
      if (full) for (let j = 0, at = (i % columns) * (columns + 1); j < columns; j++, at++) sum += full[at]! * w[block * columns + j]!;
      else sum = inputDiagonal[group]![i]! * w[i]!;
      power += every * w[i]! * sum;
    }
  }
  return power > 0 ? counted * power : 1;
}
