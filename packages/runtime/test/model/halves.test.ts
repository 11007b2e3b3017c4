/** Models in floats of 16 bits: widened at load, they give what the same numbers give in float32. */
import { describe, expect, test } from 'vitest';
import { bfloat16Bits, float16Bits } from '../../src/format/halves.js';
import { writePith } from '../../src/format/write.js';
import { load } from '../../src/model/load.js';
import type { Attribute, Model, NodeData } from '../../src/model.js';
import type { DType, Tensor } from '../../src/tensor.js';
import { bell, node, random, value } from '../help/models.js';
import { Net } from '../help/networks.js';
import { runOrt, worst } from '../help/ort.js';

type Half = 'float16' | 'bfloat16';

/** Widths of exponent and mantissa. */
const widths = { float16: [5, 10], bfloat16: [8, 7] } as const;

/** The number of these bits, by the definition of IEEE 754. */
function numberOf(bits: number, half: Half): number {
  const [wide, digits] = widths[half];
  const bias = 2 ** (wide - 1) - 1;
  const [exponent, fraction] = [(bits >> digits) % 2 ** wide, (bits % 2 ** digits) / 2 ** digits];
  const sign = bits >= 0x8000 ? -1 : 1;
  return sign * (exponent === 0 ? fraction * 2 ** (1 - bias) : (1 + fraction) * 2 ** (exponent - bias));
}

/** Both: in 16 bits, and what that is in float32. */
function rounded({ dims, data }: Tensor, half: Half): { readonly narrow: Tensor; readonly wide: Tensor } {
  const floats = new Uint32Array(Float32Array.from(data as Float32Array).buffer);
  const bits = Uint16Array.from(floats, half === 'float16' ? float16Bits : bfloat16Bits);
  return {
    narrow: { dtype: half, dims, data: bits },
    wide: { dtype: 'float32', dims, data: Float32Array.from(bits, (b) => numberOf(b, half)) },
  };
}

/** A convolution, a clamp with bounds of the file, a constant of a node, casts, a linear layer. */
function built(): { readonly model: Model; readonly constant: Tensor } {
  const net = new Net(51);
  const constant: Tensor = { dtype: 'float32', dims: [1, 6, 1, 1], data: Float32Array.of(1, -0.1, 1e-6, 3, 0, 0.3) };
  const x = net.relu6(net.norm(net.conv('x', { from: 2, to: 6, kernel: 3 }), 6));
  const cast = net.add('Cast', [net.add('Mul', [x, net.add('Constant', [], { value: constant })])], { to: 1 });
  net.head(cast, 6);
  return { model: net.model([value('x', 'N', 2, 8, 8)]), constant };
}

/** The model with every float32 as `to` gives it: initializers, attributes, inputs, outputs, casts. */
function retyped(model: Model, dtype: DType, to: (tensor: Tensor) => Tensor): Model {
  const { graph } = model;
  const code = { float16: 10, bfloat16: 16 }[dtype as Half] ?? 1;
  const attribute = (given: Attribute): Attribute => (given.kind === 'tensor' ? { ...given, value: to(given.value) } : given);
  const nodes = graph.nodes.map((given): NodeData => {
    const attributes = new Map([...given.attributes].map(([name, of]) => [name, attribute(of)]));
    return { ...given, attributes: given.op === 'Cast' ? new Map([['to', { kind: 'int', value: code }]]) : attributes };
  });
  const info = <T extends { readonly dtype: DType | null }>(given: T): T => ({ ...given, dtype });
  return {
    ...model,
    graph: {
      ...graph,
      nodes,
      inputs: graph.inputs.map(info),
      outputs: graph.outputs.map(info),
      initializers: new Map([...graph.initializers].map(([name, tensor]) => [name, to(tensor)])),
    },
  };
}

describe.each(['float16', 'bfloat16'] as const)('%s', (half) => {
  test('weights, constants and casts give what the same numbers give in float32', async () => {
    const { model } = built();
    const narrow = retyped(model, half, (tensor) => rounded(tensor, half).narrow);
    const wide = retyped(model, 'float32', (tensor) => rounded(tensor, half).wide);
    const next = random(52);
    const feeds = { x: { dims: [2, 2, 8, 8], data: Float32Array.from({ length: 256 }, () => bell(next)) } };
    const loaded = await load(writePith({ model: narrow }).bytes);
    const { y } = await loaded.run(feeds);
    expect([loaded.inputs[0]!.dtype, loaded.outputs[0]!.dtype, y!.dtype]).toEqual(['float32', 'float32', 'float32']);
    expect(worst(y!, (await runOrt(wide, feeds))['y']!)).toBeLessThanOrEqual(1);
    // numbers that were not rounded are others
    expect(worst(y!, (await runOrt(model, feeds))['y']!)).toBeGreaterThan(1);
  });

  test('every number of 16 bits is read', async () => {
    const infinity = half === 'float16' ? 0x7c00 : 0x7f80;
    const bits = Uint16Array.from({ length: 65536 }, (_, i) => i).filter((b) => (b & 0x7fff) < infinity);
    const net = new Net(53);
    net.nodes.push(node('Add', ['x', net.constant({ dtype: half, dims: [bits.length], data: bits })], ['y']));
    const model = net.model([{ name: 'x', dtype: half, dims: [1] }]);
    const { y } = await (await load(writePith({ model: retyped(model, half, (tensor) => tensor) }).bytes)).run({ x: Float32Array.of(0) });
    expect([...y!.data]).toEqual(Array.from(bits, (b) => numberOf(b, half) + 0));
  });
});
