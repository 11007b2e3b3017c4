/**
 * `rated`: integers times a step, both learned. Shadow weights w are rounded to q = round(w / s), halves to even, and the network sees s·q;
 * gradients pass the rounding as if it were not there (Bengio et al., 2013; steps as in Esser et al., "Learned Step Size Quantization",
 * 2020). There is one step, or one for each row of outputs. A single step moves freely until it is settled: then it is one of those that a file
 * can hold, and stays, so that what is trained is what is stored. Steps of rows are for layers whose scale the batch normalization behind
 * them takes up: there they end in that (recipe/steps/rate/normalized.ts), and are stored to a sixteenth of an octave.
 */
import { naturalView, stepOf, type UniformStored } from 'pith-runtime';
import { PithError } from '../base/errors.js';
import type { Builder } from '../graph/builder.js';
import type { Value } from '../graph/value.js';
import type { Parametrization } from './parametrization.js';

export interface RatedState {
  readonly kind: 'rated';
  readonly dims: readonly number[];
  /** The shadow weights. */
  readonly values: Float32Array;
  /** [1] or [rows of the view]: the natural logarithms of the steps. Within `nearGrid` of one that a file can hold it is meant to be that one. */
  readonly logStep: Float32Array;
  readonly view: RatedView;
  /** The steps are such as a file can hold, and are not trained. */
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

/** A step as a float32, by its logarithm. */
export function stepOfLog(logStep: number): number {
  const x = inSixteenths(logStep);
  const e = exponentOf(logStep);
  return Math.abs(x - e) < nearGrid ? stepOf(e) : Math.fround(Math.exp(logStep));
}

/** The steps as float32, as many as there are logarithms. */
export const stepsOfRated = ({ logStep }: Pick<RatedState, 'logStep'>): Float32Array => logStep.map(stepOfLog);

/** Which of the steps an entry has. */
function stepIndex({ values, logStep, view }: Pick<RatedState, 'values' | 'logStep' | 'view'>): (i: number) => number {
  const rows = logStep.length;
  const width = values.length / rows;
  return view.transposed ? (i) => i % rows : (i) => Math.floor(i / width);
}

/** Dims of the steps in the training graph, where they spread over the weight. */
const stepDims = ({ dims, logStep, view }: RatedState): readonly number[] =>
  logStep.length === 1 || view.transposed ? [logStep.length] : dims.map((d, axis) => (axis === 0 ? d : 1));

/** The same integers with the nearest step that a file can hold. Steps of rows stay free. */
export function settle(state: RatedState): RatedState {
  if (state.settled || state.logStep.length > 1) return state;
  const e = exponentOf(state.logStep[0]!);
  const share = stepOf(e) / stepOfLog(state.logStep[0]!);
  return { ...state, values: state.values.map((w) => w * share), logStep: Float32Array.of(e / sixteenths), settled: true };
}

/** The integers. */
export function levelsOfRated(state: Pick<RatedState, 'values' | 'logStep' | 'view'>): Int32Array {
  const steps = stepsOfRated(state);
  const stepAt = stepIndex(state);
  const { values } = state;
  const levels = new Int32Array(values.length);
  for (let i = 0; i < levels.length; i++) levels[i] = roundEven(Math.fround(values[i]! / steps[stepAt(i)]!));
  return levels;
}

/**
 * The same integers with every row multiplied by a factor, its sign included, each step the nearest that a file can hold. A row of zeros
 * takes the step of the row before.
 */
export function scaledRows(state: RatedState, factors: ArrayLike<number>): RatedState {
  const { values, view } = state;
  const levels = levelsOfRated(state);
  const steps = stepsOfRated(state);
  const rows = factors.length;
  const stepAt = stepIndex({ values, view, logStep: new Float32Array(rows) });
  const live = new Uint8Array(rows);
  for (let i = 0; i < levels.length; i++) if (levels[i] !== 0) live[stepAt(i)] = 1;
  const exponents = Int32Array.from({ length: rows }, (_, r) => {
    const step = Math.abs(steps[steps.length === 1 ? 0 : r]! * factors[r]!);
    return live[r] && step > 0 ? exponentOf(Math.log(step)) : Number.NaN;
  });
  for (let r = 0; r < rows; r++) if (!live[r] || factors[r] === 0) exponents[r] = r > 0 ? exponents[r - 1]! : firstLive(exponents, live);
  const most = Math.max(...exponents);
  const logStep = Float32Array.from(exponents, (e) => Math.max(e, most - spread) / sixteenths);
  const now = stepsOfRated({ logStep });
  const scaled = values.map((_, i) => levels[i]! * Math.sign(factors[stepAt(i)]!) * now[stepAt(i)]!);
  return { ...state, values: scaled, logStep, settled: true };
}

/** Steps of a file's rows are within so many sixteenths of an octave: the smallest are 1/60,000 of the largest. */
const spread = 255;

const firstLive = (exponents: Int32Array, live: Uint8Array): number => exponents[live.indexOf(1)] ?? 0;

/** A state of these weights with a step to begin with. */
export const ratedFrom = (dims: readonly number[], values: Float32Array, step: number): RatedState => ({
  kind: 'rated',
  dims,
  values,
  logStep: Float32Array.of(Math.log(step)),
  view: plainView(dims),
  settled: false,
});

/** The steps as a value of the shape of their logarithms, which the gradient reaches. */
export function stepValue(op: Builder, logStep: Value): { readonly step: Value; readonly fixed: Value } {
  const size = range.most - range.least + 1;
  const table = op.constant({
    dtype: 'float32',
    dims: [size],
    data: Float32Array.from({ length: size }, (_, i) => stepOf(range.least + i)),
  });
  const x = op.Mul(logStep, op.scalar(sixteenths));
  const exponent = op.Clip(op.Round(x), range.least, range.most);
  const held = op.Gather(table, op.Cast(op.Sub(exponent, op.scalar(range.least)), 'int64'));
  const fixed = op.Stop(op.Where(op.Less(op.Abs(op.Sub(x, exponent)), op.scalar(nearGrid)), held, op.Exp(logStep)));
  return { step: op.Mul(fixed, op.Exp(op.Sub(logStep, op.Stop(logStep)))), fixed };
}

/** The transpose of a matrix whose rows are of this width. */
function inRows(levels: Int32Array, width: number): Int32Array {
  const height = levels.length / width;
  return levels.map((_, i) => levels[(i % height) * width + Math.floor(i / height)]!);
}

/** One step for all, or a middle one and what the steps of rows differ from it. */
function storedSteps({ logStep }: RatedState): Pick<UniformStored, 'step' | 'rowSteps'> {
  const exponents = Array.from(logStep, exponentOf);
  const least = Math.min(...exponents);
  const most = Math.max(...exponents);
  if (least === most) return { step: least, rowSteps: null };
  const step = Math.min(Math.max(exponents[0]!, most - 127), least + 128);
  return { step, rowSteps: Int8Array.from(exponents, (e) => e - step) };
}

export const rated: Parametrization<RatedState> = {
  kind: 'rated',
  trained: (weight, state) => [
    { name: `${weight}/shadow`, dims: state.dims, data: state.values },
    { name: `${weight}/step`, dims: stepDims(state), data: state.logStep, rateFactor: state.settled ? 0 : stepRate },
  ],
  build(op, weight, _, [shadow, logStep]) {
    const { step } = stepValue(op, logStep!);
    const t = op.Div(shadow!, step);
    const q = op.Add(t, op.Stop(op.Sub(op.Round(t), t)));
    op.node('Mul', [q, step], {}, [weight]);
  },
  withTrained: (state, [values, logStep]) => ({ ...state, values: values!, logStep: logStep! }),
  dense(state) {
    const steps = stepsOfRated(state);
    const stepAt = stepIndex(state);
    return Float32Array.from(levelsOfRated(state), (q, i) => q * steps[stepAt(i)]!);
  },
  stored(state) {
    const { dims, view } = state;
    const { rows, columns, positions } = naturalView(dims, view.transposed);
    const width = columns * positions;
    return {
      kind: 'uniform',
      dtype: 'float32',
      dims,
      view: { rows, columns: width / view.positions, ...view },
      levels: view.transposed ? inRows(levelsOfRated(state), rows) : levelsOfRated(state),
      grid: 'scalar',
      ...storedSteps(state),
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
