/**
 * `rated`: integers times a step, both learned. Shadow weights w are rounded to q = round(w / s), halves to even, and the network sees s·q;
 * gradients pass the rounding as if it were not there (Bengio et al., 2013; steps as in Esser et al., "Learned Step Size Quantization",
 * 2020). A step moves freely until it is settled: then it is one of those that a file can hold, and stays, so that what is trained is what
 * is stored.
 */
import { naturalView, stepOf } from 'pith-runtime';
import { PithError } from '../base/errors.js';
import type { Builder } from '../graph/builder.js';
import type { Value } from '../graph/value.js';
import type { Parametrization } from './parametrization.js';

export interface RatedState {
  readonly kind: 'rated';
  readonly dims: readonly number[];
  /** The shadow weights. */
  readonly values: Float32Array;
  /** [1]: the natural logarithm of the step. Within `nearGrid` of one that a file can hold it is meant to be that one. */
  readonly logStep: Float32Array;
  readonly view: RatedView;
  /** The step is one that a file can hold, and is not trained. */
  readonly settled: boolean;
}

/** How the coder sees the weight: inputs of a row in pictures of so many positions; or transposed, the last axis makes rows. */
export interface RatedView {
  readonly positions: number;
  readonly transposed: boolean;
}

const plainView = (dims: readonly number[]): RatedView => ({ positions: naturalView(dims, false).positions, transposed: false });

/** Sixteenths of an octave in a natural logarithm of 1. */
const sixteenths = 16 / Math.LN2;
/** Steps that training may reach: 2^−20 … 2^12. */
const range = { least: -320, most: 192 };
/** Steps learn so much faster than weights. */
const stepRate = 3;

/** In sixteenths of an octave: a step that a file holds is a whole number of them. */
const nearGrid = 1e-3;

const inSixteenths = (logStep: number): number => Math.fround(Math.fround(logStep) * Math.fround(sixteenths));
const exponentOf = (logStep: number): number => Math.min(Math.max(roundEven(inSixteenths(logStep)), range.least), range.most);

/** To the nearest integer, halves to the even one, as ONNX's Round. */
export function roundEven(x: number): number {
  const below = Math.floor(x);
  const rest = x - below;
  if (rest !== 0.5) return rest < 0.5 ? below : below + 1;
  return below % 2 === 0 ? below : below + 1;
}

/** The step as a float32. */
export function stepOfRated({ logStep }: Pick<RatedState, 'logStep'>): number {
  const x = inSixteenths(logStep[0]!);
  const e = exponentOf(logStep[0]!);
  return Math.abs(x - e) < nearGrid ? stepOf(e) : Math.fround(Math.exp(logStep[0]!));
}

/** The same integers with the nearest step that a file can hold. */
export function settle(state: RatedState): RatedState {
  if (state.settled) return state;
  const e = exponentOf(state.logStep[0]!);
  const share = stepOf(e) / stepOfRated(state);
  return { ...state, values: state.values.map((w) => w * share), logStep: Float32Array.of(e / sixteenths), settled: true };
}

/** The integers. */
export function levelsOfRated(state: Pick<RatedState, 'values' | 'logStep'>): Int32Array {
  const step = stepOfRated(state);
  const { values } = state;
  const levels = new Int32Array(values.length);
  for (let i = 0; i < levels.length; i++) levels[i] = roundEven(Math.fround(values[i]! / step));
  return levels;
}

/** A state of these weights with a step to begin with. */
export const ratedFrom = (dims: readonly number[], values: Float32Array, step: number): RatedState => ({
  kind: 'rated',
  dims,
  values,
  logStep: Float32Array.of(Math.log(step)),
  view: plainView(dims),
  settled: false,
});

/** The step as a value of shape [1], through which the gradient reaches the logarithm. */
export function stepValue(op: Builder, logStep: Value): { readonly step: Value; readonly fixed: Value } {
  const size = range.most - range.least + 1;
  const table = op.constant({
    dtype: 'float32',
    dims: [size],
    data: Float32Array.from({ length: size }, (_, i) => stepOf(range.least + i)),
  });
  const x = op.Mul(logStep, op.scalar(sixteenths));
  const exponent = op.Clip(op.Round(x), range.least, range.most);
  const held = op.GatherElements(table, op.Cast(op.Sub(exponent, op.scalar(range.least)), 'int64'), 0);
  const fixed = op.Stop(op.Where(op.Less(op.Abs(op.Sub(x, exponent)), op.scalar(nearGrid)), held, op.Exp(logStep)));
  return { step: op.Mul(fixed, op.Exp(op.Sub(logStep, op.Stop(logStep)))), fixed };
}

/** The transpose of a matrix whose rows are of this width. */
function inRows(levels: Int32Array, width: number): Int32Array {
  const height = levels.length / width;
  return levels.map((_, i) => levels[(i % height) * width + Math.floor(i / height)]!);
}

export const rated: Parametrization<RatedState> = {
  kind: 'rated',
  trained: (weight, { dims, values, logStep, settled }) => [
    { name: `${weight}/shadow`, dims, data: values },
    { name: `${weight}/step`, dims: [1], data: logStep, rateFactor: settled ? 0 : stepRate },
  ],
  build(op, weight, _, [shadow, logStep]) {
    const { step } = stepValue(op, logStep!);
    const t = op.Div(shadow!, step);
    const q = op.Add(t, op.Stop(op.Sub(op.Round(t), t)));
    op.node('Mul', [q, step], {}, [weight]);
  },
  withTrained: (state, [values, logStep]) => ({ ...state, values: values!, logStep: logStep! }),
  dense(state) {
    const step = stepOfRated(state);
    return Float32Array.from(levelsOfRated(state), (q) => q * step);
  },
  stored(state) {
    const { dims, logStep, view } = state;
    const { rows, columns, positions } = naturalView(dims, view.transposed);
    const width = columns * positions;
    return {
      kind: 'uniform',
      dtype: 'float32',
      dims,
      view: { rows, columns: width / view.positions, ...view },
      levels: view.transposed ? inRows(levelsOfRated(state), rows) : levelsOfRated(state),
      grid: 'scalar',
      step: exponentOf(logStep[0]!),
      rowSteps: null,
      columnSteps: null,
    };
  },
  fixed: ({ view: { positions, transposed }, settled }) => ({
    view: new Uint8Array(Uint32Array.of(positions, Number(transposed), Number(settled)).buffer),
  }),
  restore(dims, [values, logStep], { view }) {
    if (view?.byteLength !== 12)
      throw new PithError('input.checkpoint', { expected: 'a view of 12 bytes', got: `${view?.byteLength ?? 'none'}` });
    const [positions, transposed, settled] = new Uint32Array(view.slice().buffer);
    return {
      kind: 'rated',
      dims,
      values: values!,
      logStep: logStep!,
      view: { positions: positions!, transposed: transposed === 1 },
      settled: settled === 1,
    };
  },
};
