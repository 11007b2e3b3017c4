/**
 * Every operator of the list, on the samples in the file of its name: the shape rule agrees with the reference, the reference with
 * ONNX Runtime, and the gradient rule with finite differences of the reference.
 */
import { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-node';
import { describe, expect, test } from 'vitest';
import { gradients } from '../../src/autodiff/gradient.js';
import { Random } from '../../src/base/random.js';
import { type DType, type GraphData, sizeOf } from '../../src/base/tensor.js';
import { Builder } from '../../src/graph/builder.js';
import { Graph } from '../../src/graph/graph.js';
import type { Value } from '../../src/graph/value.js';
import { writeOnnx } from '../../src/onnx/write.js';
import { evaluate } from '../../src/ops/evaluate.js';
import { inferNode } from '../../src/ops/infer.js';
import { ops } from '../../src/ops/list.js';
import type { Op, Ref } from '../../src/ops/op.js';
import { fromRef } from '../../src/ops/ref.js';
import { worst } from '../support/compare.js';
import type { Case, CaseInput } from './case.js';

const files = import.meta.glob<{ cases: readonly Case[] }>('./cases/*.ts', { eager: true });
const isFloat = (dtype: DType): boolean => dtype === 'float32' || dtype === 'float64';
const standard = {
  abs: 2e-5,
  rel: 2e-5,
  because: 'float32 against float64: sums of up to a few hundred terms of size 4, and ORT kernels that approximate exp and tanh',
};
const numeric = {
  abs: 2e-6,
  rel: 2e-6,
  because: 'central differences in float64 with step 1e-5: error of order step squared, constants rounded to float32',
};

function sample({ dims, dtype = 'float32', range, values }: CaseInput, random: Random): Ref {
  const size = sizeOf(dims);
  if (values) return { dtype, dims, data: Float64Array.from({ length: size }, (_, i) => values[i % values.length]!) };
  const [low, high] = range ?? [-2, 2];
  // A shuffled ladder keeps values apart, so that no finite difference crosses a tie of max, a kink or a step.
  const steps = random.shuffle(Array.from({ length: size }, (_, i) => low + ((i + random.between(0.3, 0.7)) / size) * (high - low)));
  const clean = steps.map((x) =>
    dtype === 'bool' ? Number(x > 0) : isFloat(dtype) ? Math.fround(low < 0 && Math.abs(x) < 0.02 ? 0.02 : x) : Math.round(x),
  );
  return { dtype, dims, data: Float64Array.from(clean) };
}

interface Built {
  readonly builder: Builder;
  readonly graph: Graph;
  readonly inputs: readonly (Value | undefined)[];
  readonly outputs: readonly Value[];
  readonly feeds: Map<string, Ref>;
}

function build(op: Op, c: Case): Built {
  const random = Random.of(7, op.name, c.title);
  const graph = Graph.empty(op.name);
  const builder = new Builder(graph, c.opset ?? 18, inferNode);
  const feeds = new Map<string, Ref>();
  const inputs = c.inputs.map((spec, i) => {
    if (!spec) return undefined;
    const ref = sample(spec, random);
    if (spec.constant) return builder.constant(fromRef(ref));
    const value = builder.input(`x${i}`, ref);
    feeds.set(value.name, ref);
    return value;
  });
  const outputs = builder.node(op.name, inputs, c.attributes, c.outputs ?? 1);
  return { builder, graph, inputs, outputs, feeds };
}

const model = (graph: GraphData, opset: number) => ({
  irVersion: 8,
  opsets: new Map([['', opset]]),
  producerName: '',
  producerVersion: '',
  domain: '',
  modelVersion: 0,
  doc: '',
  metadata: new Map<string, string>(),
  graph,
  functions: [],
});

async function runtime(graph: GraphData, opset: number, feeds: ReadonlyMap<string, Ref>): Promise<Map<string, number[]>> {
  const session = await InferenceSession.create(writeOnnx(model(graph, opset)), { intraOpNumThreads: 1, logSeverityLevel: 3 });
  const given = [...feeds].map(([name, ref]) => {
    const t = fromRef(ref);
    return [name, new OrtTensor(t.dtype as 'float32', t.data as Float32Array, [...t.dims])] as const;
  });
  const results = await session.run(Object.fromEntries(given));
  return new Map(Object.entries(results).map(([name, t]) => [name, Array.from(t.data as Float32Array, Number)]));
}

const withOutputs = ({ graph, outputs }: Built): GraphData => {
  const shown = new Graph(graph.freeze());
  for (const v of outputs) shown.outputs.push({ name: v.name, dtype: v.dtype, dims: v.dims });
  return shown.freeze();
};

/** Σ over the chosen outputs of y·r with fixed random r: a loss through which every output element is seen. */
function lossOf(built: Built, c: Case): { loss: Value; graph: GraphData } {
  const random = Random.of(11, c.title);
  const terms = (c.lossOutputs ?? [0]).map((i) => {
    const y = built.outputs[i]!;
    const weights = Float64Array.from({ length: sizeOf(y.dims) }, () => random.between(0.5, 1.5));
    const r = built.builder.constant(fromRef({ dtype: y.dtype, dims: y.dims, data: weights }));
    return built.builder.ReduceSum(built.builder.Mul(y, r), undefined, false);
  });
  const loss = terms.reduce((a, b) => built.builder.Add(a, b));
  const shown = new Graph(built.graph.freeze());
  shown.outputs.push({ name: loss.name, dtype: loss.dtype, dims: [] });
  return { loss, graph: shown.freeze() };
}

interface Differentiated {
  readonly built: Built;
  readonly loss: Value;
  /** Inputs and loss only. */
  readonly forward: GraphData;
  /** With a gradient output for each of `names`. */
  readonly backward: GraphData;
  readonly names: readonly string[];
  readonly found: ReadonlyMap<string, Value>;
}

function differentiate(op: Op, c: Case): Differentiated {
  const built = build(op, c);
  const { loss, graph: forward } = lossOf(built, c);
  const floats = built.inputs.flatMap((v, i) => (v && isFloat(v.dtype) && !c.inputs[i]?.constant ? [i] : []));
  const checked = c.gradient ?? floats;
  const names = checked.map((i) => built.inputs[i]!.name);
  const types = new Map<string, Value>();
  for (const v of built.inputs) if (v) types.set(v.name, v);
  for (const node of built.graph.nodes) {
    const inferred = inferNode(
      node,
      node.inputs.map((n) => (n === '' ? undefined : (types.get(n) ?? constantOf(built.graph, n)))),
      built.builder.opset,
    );
    node.outputs.forEach((name, i) => {
      if (name !== '') types.set(name, { ...inferred[i]!, name });
    });
  }
  for (const [name, t] of built.graph.initializers) types.set(name, { dtype: t.dtype, dims: t.dims, constant: t, name });
  const found = gradients({ builder: built.builder, types, of: loss.name, to: names });
  for (const name of names) {
    const g = found.get(name);
    expect(g, `a gradient for ${name}`).toBeDefined();
    built.graph.outputs.push({ name: g!.name, dtype: g!.dtype, dims: g!.dims });
    expect(g!.dims).toEqual(types.get(name)!.dims);
  }
  return { built, loss, forward, backward: built.graph.freeze(), names, found };
}

function checkGradient(op: Op, c: Case, distort = 1): number {
  const { built, loss, forward, backward, names, found } = differentiate(op, c);
  const analytic = evaluate(backward, built.builder.opset, built.feeds);
  let most = 0;
  for (const name of names) {
    const x = built.feeds.get(name)!;
    const expected = Float64Array.from(x.data, (_, i) => {
      const at = (h: number): number => {
        const moved = new Map(built.feeds).set(name, { ...x, data: x.data.with(i, x.data[i]! + h) });
        return evaluate(forward, built.builder.opset, moved).get(loss.name)!.data[0]!;
      };
      return (at(1e-5) - at(-1e-5)) / 2e-5;
    });
    most = Math.max(
      most,
      worst(
        analytic.get(found.get(name)!.name)!.data.map((v) => v * distort),
        expected,
        numeric,
      ),
    );
  }
  return most;
}

/** The gradient graph runs in ONNX Runtime, as standard operators with consistent types, and agrees with its own reference. */
async function checkGradientGraph(op: Op, c: Case): Promise<number> {
  const { built, backward, names, found } = differentiate(op, c);
  const expected = evaluate(backward, built.builder.opset, built.feeds);
  const measured = await runtime(backward, built.builder.opset, built.feeds);
  const ratios = names.map((name) => {
    const g = found.get(name)!.name;
    return worst(measured.get(g)!, expected.get(g)!.data, c.tolerance ?? standard);
  });
  return Math.max(0, ...ratios);
}

const constantOf = (graph: Graph, name: string): Value | undefined => {
  const t = graph.initializers.get(name);
  return t && { dtype: t.dtype, dims: t.dims, constant: t, name };
};

for (const op of ops)
  describe(op.name, () => {
    const cases = files[`./cases/${op.name}.ts`]?.cases ?? [];
    test('has samples', () => expect(cases.length).toBeGreaterThan(0));
    for (const c of cases) {
      test(`${c.title}: shapes, reference and ONNX Runtime agree`, async () => {
        const built = build(op, c);
        const graph = withOutputs(built);
        const results = evaluate(graph, built.builder.opset, built.feeds);
        const measured = c.noRuntime ? undefined : await runtime(graph, built.builder.opset, built.feeds);
        for (const v of built.outputs) {
          const ref = results.get(v.name)!;
          expect({ dtype: ref.dtype, dims: ref.dims }).toEqual({ dtype: v.dtype, dims: v.dims });
          expect(ref.data.length).toBe(sizeOf(ref.dims));
          if (measured) expect(worst(measured.get(v.name)!, ref.data, c.tolerance ?? standard)).toBeLessThanOrEqual(1);
        }
      });
      const skips =
        op.gradient.kind !== 'rule' || c.gradient?.length === 0 || !c.inputs.some((i) => i && !i.constant && isFloat(i.dtype ?? 'float32'));
      if (skips) continue;
      test(`${c.title}: gradient agrees with finite differences`, () => expect(checkGradient(op, c)).toBeLessThanOrEqual(1));
      if (!c.noRuntime)
        test(`${c.title}: gradient runs in ONNX Runtime`, async () => expect(await checkGradientGraph(op, c)).toBeLessThanOrEqual(1));
    }
    if (op.gradient.kind === 'rule')
      test('has a sample whose gradient is checked', () =>
        expect(cases.some((c) => c.gradient?.length !== 0 && c.inputs.some((i) => i && !i.constant && isFloat(i.dtype ?? 'float32')))).toBe(
          true,
        ));
  });

test('the gradient check can say no', () => {
  const relu = ops.find((op) => op.name === 'Relu')!;
  expect(checkGradient(relu, { title: 'twin', inputs: [{ dims: [4, 5] }] }, 1.001)).toBeGreaterThan(1);
});
