/** A model that says everything an ONNX model can say: subgraphs, opaque parts, names and numbers at their edges. */
import type { GraphData, Model, ValueInfo } from '../../src/model.js';
import { floats, ints, model, node, random, value } from './models.js';

const opaqueValue: ValueInfo = { name: 'seq', dtype: null, dims: null, opaqueType: Uint8Array.of(34, 0) };

export function rich(): Model {
  const next = random(5);
  const inner: GraphData = {
    name: 'then',
    inputs: [],
    outputs: [value('then_out', 2)],
    nodes: [node('Add', ['hidden', 'inner_w'], ['t']), node('Mul', ['t', 'outer_w'], ['then_out'])],
    initializers: new Map([['inner_w', floats([2], next)]]),
    opaqueInitializers: new Map(),
    valueInfo: [],
  };
  const branch = node('If', ['flag'], ['chosen']);
  const attributes = new Map([
    ['then_branch', { kind: 'graph', value: inner }],
    ['else_branch', { kind: 'graph', value: { ...inner, name: 'else' } }],
  ] as const);
  return {
    ...model({
      name: 'rich',
      inputs: [value('image', 'N', 3, 2), { name: 'flag', dtype: 'bool', dims: [] }, value('scale', 1), opaqueValue],
      outputs: [value('logits', 'N', 2), { name: 'image', dtype: 'float32', dims: null }, { name: 'outer_w', dtype: null, dims: null }],
      initializers: new Map([
        ['late', floats([2], next)],
        ['scale', floats([1], next)],
        ['outer_w', floats([2], next)],
        ['shape', ints(0, -1)],
        ['unused', ints(4)],
      ]),
      opaqueInitializers: new Map([['words', { sparse: false, proto: Uint8Array.of(8, 8) }]]),
      nodes: [
        node('Dropout', ['image', '', 'flag'], ['dropped', '']),
        node('Reshape', ['dropped', 'shape'], ['flat'], { allowzero: 1 }),
        node('Mul', ['flat', 'scale'], ['hidden']),
        { ...branch, attributes },
        { ...node('Custom', ['hidden', 'words', 'shape'], ['a', '', 'b'], { axis: 1, note: 'ünïcode' }), domain: 'com.example' },
        {
          ...node('Other', ['a'], ['c']),
          attributes: new Map([
            ['axis', { kind: 'float', value: 0.5 }],
            ['big', { kind: 'int', value: 2n ** 60n }],
            ['list', { kind: 'ints', value: [1, -1, -(2n ** 63n)] }],
            ['reals', { kind: 'floats', value: [0.5, Number.POSITIVE_INFINITY] }],
            ['texts', { kind: 'strings', value: ['', 'b'] }],
            ['graphs', { kind: 'graphs', value: [] }],
            ['value', { kind: 'tensor', value: ints(1, 2, 3) }],
            ['raw', { kind: 'opaque', value: Uint8Array.of(1, 2) }],
          ]),
        },
        node('Add', ['c', 'late'], ['summed']),
        node('Add', ['summed', 'chosen'], ['logits']),
      ],
    }),
    opsets: new Map([
      ['', 21],
      ['com.example', 3],
    ]),
    producerName: 'somebody',
    producerVersion: '2.0',
    domain: 'org.example',
    modelVersion: -4,
    doc: 'a text\nof two lines',
    metadata: new Map([['layout', 'NCHW']]),
    functions: [Uint8Array.of(10, 1, 97)],
  };
}
