import { describe, expect, test } from 'vitest';
import { Random } from '../../src/base/random.js';
import { bytesOf, dtypes, type Model, sizeOf, type Tensor, zeros } from '../../src/base/tensor.js';
import { parseGraph } from '../../src/onnx/text-parse.js';
import { type InventoryRow, inventory } from '../../src/squeeze/inventory.js';
import { modelOf } from '../onnx/samples.js';

/** Noise of any float type, finite; small numbers of any other. */
function noise(name: string, dtype: Tensor['dtype'], dims: readonly number[]): Tensor {
  const random = Random.of(3, name);
  const tensor = zeros(dtype, dims);
  const { data } = tensor;
  for (let i = 0; i < data.length; i++)
    if (dtype === 'float32' || dtype === 'float64') data[i] = random.between(-1, 1);
    else if (dtypes[dtype].wide === 8) data[i] = BigInt(random.below(5));
    else data[i] = random.below(dtypes[dtype].wide === 2 ? 0x3c00 : 100);
  return tensor;
}

/** Declarations `name: type[dims]` before the graph's text become initializers of noise. */
function model(declared: string, text: string): Model {
  const graph = parseGraph(text);
  const initializers = new Map(
    declared.split(' ').flatMap((part): [string, Tensor][] => {
      const [, name = '', dtype = '', dims = ''] = /^([\w.]+):(\w+)\[([\d,]*)\]$/.exec(part) ?? [];
      return name ? [[name, noise(name, dtype as 'float32', dims === '' ? [] : dims.split(',').map(Number))]] : [];
    }),
  );
  return modelOf({ ...graph, initializers: new Map([...graph.initializers, ...initializers]) });
}

const rowOf = (m: Model, name: string): InventoryRow => inventory(m).find((row) => row.name === name)!;

const view = ({ view: v, layer }: InventoryRow): string =>
  v
    ? `${v.rows}x${v.columns}x${v.positions}${v.transposed ? ' transposed' : ''}${layer ? ` ${layer.op} /${layer.groups} ${layer.node}${layer.bias ? ` + ${layer.bias}` : ''}` : ''}`
    : '';

const tensors: readonly (readonly [what: string, declared: string, body: string, expected: string])[] = [
  ['of a Conv', 'w:float32[8,4,3,3] b:float32[8]', 'y = Conv(x, w, b)', '8x4x9 Conv /1 y + b'],
  ['of a grouped Conv', 'w:float32[8,2,3,3]', 'y = Conv(x, w) { group = 2 }', '8x2x9 Conv /2 y'],
  ['of a Conv whose weight passes through Identity', 'w:float32[8,4,3,3]', 'i = Identity(w) y = Conv(x, i)', '8x4x9 Conv /1 y'],
  ['of a ConvTranspose: each pixel times a patch', 'w:float32[8,4,3,3]', 'y = ConvTranspose(x, w)', '36x8x1 transposed ConvTranspose /1 y'],
  ['of a grouped ConvTranspose, which is no plain product', 'w:float32[8,4,3,3]', 'y = ConvTranspose(x, w) { group = 2 }', '96x3x1'],
  ['of a Gemm', 'w:float32[8,16] b:float32[16]', 'y = Gemm(x, w, b)', '16x8x1 transposed Gemm /1 y + b'],
  ['of a Gemm with transB', 'w:float32[8,16] b:float32[16]', 'y = Gemm(x, w, b) { transB = 1 }', '8x16x1 Gemm /1 y'],
  ['of a MatMul', 'w:float32[8,16]', 'y = MatMul(x, w)', '16x8x1 transposed MatMul /1 y'],
  [
    'of a MatMul with the Add behind it',
    'w:float32[8,16] b:float32[16]',
    'h = MatMul(x, w) y = Add(b, h)',
    '16x8x1 transposed MatMul /1 h + b',
  ],
  [
    'of a MatMul whose sum is not its bias',
    'w:float32[8,16] b:float32[16]',
    'h = MatMul(x, w) z = Neg(h) y = Add(b, h)',
    '16x8x1 transposed MatMul /1 h',
  ],
  ['of a MatMul behind Transpose', 'w:float32[8,16]', 't = Transpose(w) y = MatMul(x, t)', '8x16x1 MatMul /1 y'],
  [
    'of a MatMul behind two of them',
    'w:float32[8,16]',
    't = Transpose(w) u = Transpose(t) { perm = ints [1, 0] } y = MatMul(x, u)',
    '16x8x1 transposed MatMul /1 y',
  ],
  [
    'of a MatMul behind Reshape',
    'w:float32[8,16,1,1]',
    's = Constant() { value = int64[2] = [8, -1] } r = Reshape(w, s) y = MatMul(x, r)',
    '16x8x1 transposed MatMul /1 y',
  ],
  [
    'of a MatMul behind Squeeze and Cast',
    'w:float16[8,1,16] a:int64[1]',
    'a1 = Constant() { value = int64[1] = [1] } r = Squeeze(w, a1) c = Cast(r) { to = 1 } y = MatMul(x, c)',
    '16x8x1 transposed MatMul /1 y',
  ],
  ['of a product from the left, whose inputs are columns', 'w:float32[8,16]', 'y = MatMul(w, x)', '8x16x1'],
  ['of a stack of products', 'w:float32[2,8,16]', 'y = MatMul(x, w)', '16x16x1'],
  ['that is looked up', 'w:float32[50,16]', 'y = Gather(w, x)', '50x16x1 Gather /1 y'],
  [
    'that is looked up and multiplied with: the product counts',
    'w:float32[50,16]',
    'h = Gather(w, x) t = Transpose(w) y = MatMul(h, t)',
    '50x16x1 MatMul /1 y',
  ],
  ['of an LSTM of two directions', 'w:float32[2,16,8] r:float32[2,16,4]', 'y = LSTM(x, w, r) { hidden_size = 4 }', '32x8x1 LSTM /2 y'],
  [
    'of an attention of ONNX Runtime',
    'w:float32[8,24] b:float32[24]',
    'y = com.microsoft::Attention(x, w, b)',
    '24x8x1 transposed Attention /1 y + b',
  ],
  ['of a fused convolution', 'w:float32[8,4,3,3]', 'y = com.microsoft::FusedConv(x, w) { activation = "Relu" }', '8x4x9 FusedConv /1 y'],
  ['of a fused product with transB', 'w:float32[8,16]', 'y = com.microsoft::FusedMatMul(x, w) { transB = 1 }', '8x16x1 FusedMatMul /1 y'],
  ['that an unknown operator reads', 'w:float32[4,4,8]', 'y = com.example::Thing(x, w)', '16x8x1'],
  ['that is added: positions', 'w:float32[1,10,8]', 'y = Add(x, w)', '10x8x1'],
  ['of which parts are added', 'w:float32[20,8]', 'p = Slice(w, x, x) y = Add(x, p)', '20x8x1'],
  [
    'that a graph inside a node reads',
    'w:float32[8,4,3,3]',
    'y = If(x) { then_branch = graph t() -> (o: float32) { o = Conv(x, w) } }',
    '8x4x9',
  ],
  ['of half precision', 'w:bfloat16[8,16]', 'y = MatMul(x, w)', '16x8x1 transposed MatMul /1 y'],
  ['of doubles', 'w:float64[8,16]', 'y = MatMul(x, w)', '16x8x1 transposed MatMul /1 y'],
  ['that nobody reads', 'w:float32[8,16]', 'y = Relu(x)', '8x16x1'],
];

const graph = (body: string): string => `g(x: float32[]) -> (y: float32[]) { ${body} }`;

describe('a weight is rounded as a matrix', () => {
  for (const [what, declared, body, expected] of tensors)
    test(`${what}: ${expected}`, () => {
      const row = rowOf(model(declared, graph(body)), 'w');
      expect([row.rule, view(row)]).toEqual(['quantize', expected]);
      expect(row.view!.rows * row.view!.columns * row.view!.positions).toBe(row.elements);
    });
});

const kept: readonly (readonly [what: string, declared: string, body: string, rule: string, because: string])[] = [
  ['a bias', 'w:float32[32]', 'y = Conv(x, x, w)', 'near', 'bias of Conv "y"'],
  ['a bias that is added', 'w:float32[1,32,1,1]', 'y = Add(x, w)', 'near', 'bias of Add "y"'],
  ['a short vector', 'w:float32[8]', 'y = Add(x, w)', 'exact', 'bias of Add "y", and small'],
  ['a scale', 'w:float32[32]', 'y = LayerNormalization(x, w)', 'near', 'scale, shift or start of LayerNormalization "y"'],
  [
    'a variance',
    'w:float32[32]',
    'y = BatchNormalization(x, x, x, x, w)',
    'exact',
    'statistic of BatchNormalization "y": what is divided by it would change with it',
  ],
  ['a factor', 'w:float32[10,10]', 'y = Mul(x, w)', 'near', 'constant of Mul "y"'],
  ['a small weight', 'w:float32[7,9]', 'y = MatMul(x, w)', 'exact', 'weight of MatMul "y", and small'],
  ['one of two that are joined', 'v:float32[10,10] w:float32[10,10]', 'y = Concat(v, w) { axis = 0 }', 'near', 'constant of Concat "y"'],
  ['a weight that is also a divisor', 'w:float32[10,10]', 'y = Div(x, w) h = MatMul(x, w)', 'near', 'constant of Div "y"'],
  ['a weight that is also an output', 'w:float32[10,10]', 'y = Identity(w) h = MatMul(x, w)', 'exact', 'is an output of the model'],
  ['a scalar', 'w:float32[]', 'y = Mul(x, w)', 'exact', 'a scalar'],
  ['a tensor without elements', 'w:float32[0,80]', 'y = MatMul(x, w)', 'exact', 'has no elements'],
  ['integers', 'w:int64[80]', 'y = Gather(x, w)', 'exact', 'whole numbers (shapes, indices) are kept'],
  ['integers of a quantized network', 'w:int8[10,10]', 'y = MatMulInteger(x, w)', 'exact', 'quantized already: its integers are kept'],
  ['nibbles, an odd number of them', 'w:int4[9,9]', 'y = DequantizeLinear(w, x)', 'exact', 'quantized already: its integers are kept'],
  ['eight-bit floats', 'w:float8e4m3fn[10,10]', 'y = DequantizeLinear(w, x)', 'exact', 'quantized already: its eight bits are kept'],
  ['truth values', 'w:bool[80]', 'y = And(x, w)', 'exact', 'truth values are kept'],
  [
    'steps of blocks',
    'w:float32[10,10]',
    'y = com.microsoft::MatMulNBits(x, x, w)',
    'exact',
    'step of MatMulNBits "y", which quantized numbers are multiplied by',
  ],
  [
    'steps',
    'w:float32[80]',
    'y = DequantizeLinear(x, w)',
    'exact',
    'step of DequantizeLinear "y", which quantized numbers are multiplied by',
  ],
  ['a table of numbers', 'w:float32[1000]', 'y = Gather(w, x)', 'near', 'table of Gather "y"'],
  [
    'a vector of an unknown operator',
    'w:float32[80]',
    'y = com.example::Thing(x, w)',
    'exact',
    'tensor of Thing "y", an operator that pith does not know',
  ],
  ['a vector that nobody reads', 'w:float32[80]', 'y = Relu(x)', 'exact', 'no node reads it, and it is small'],
];

describe('kept', () => {
  for (const [what, declared, body, rule, because] of kept)
    test(`${rule}: ${what}`, () => expect(rowOf(model(declared, graph(body)), 'w')).toMatchObject({ rule, because }));
});

describe('contents that would not survive rounding are kept exactly', () => {
  const numbers = Float32Array.from({ length: 100_000 }, (_, i) => Math.sin(i));
  const cases: readonly (readonly [what: string, change: (data: Float32Array) => void, because: string])[] = [
    ['one NaN among many', (d) => d.fill(Number.NaN, 5000, 5001), 'holds NaN or infinity'],
    ['one infinity', (d) => d.fill(Number.NEGATIVE_INFINITY, 99_999), 'holds NaN or infinity'],
    ['all zeros', (d) => d.fill(0), 'all its elements are equal'],
    ['all equal', (d) => d.fill(0.3), 'all its elements are equal'],
    ['a filler near the largest number', (d) => d.fill(-3.4e38, 7, 8), 'holds numbers near the largest of their type'],
    ['denormals alone', (d) => d.set(d.map((v) => v * 1e-40)), 'holds numbers that are smaller than any step'],
  ];
  for (const [what, change, because] of cases)
    test(what, () => {
      const data = numbers.slice();
      change(data);
      const m = model('', graph('y = MatMul(x, w)'));
      const withWeight = {
        ...m,
        graph: { ...m.graph, initializers: new Map([['w', { dtype: 'float32' as const, dims: [1000, 100], data }]]) },
      };
      expect(rowOf(withWeight, 'w')).toMatchObject({ rule: 'exact', because });
    });

  test('but some denormals are rounded like others', () => {
    const data = numbers.map((v, i) => (i % 2 === 0 ? v : v * 1e-40));
    const m = model('', graph('y = MatMul(x, w)'));
    const withWeight = {
      ...m,
      graph: { ...m.graph, initializers: new Map([['w', { dtype: 'float32' as const, dims: [1000, 100], data }]]) },
    };
    expect(rowOf(withWeight, 'w').rule).toBe('quantize');
  });

  test('the same in half precision', () => {
    const m = model('w:float16[10,10]', graph('y = MatMul(x, w)'));
    expect(rowOf(m, 'w').rule).toBe('quantize');
    (m.graph.initializers.get('w')!.data as Uint16Array)[50] = 0x7c01;
    expect(rowOf(m, 'w').because).toBe('holds NaN or infinity');
  });
});

test('tensors that are equal bit for bit stay tied; one bit apart they are not', () => {
  const m = model('a:float32[8,16] b:float32[8,16] c:float32[8,16]', graph('h = MatMul(x, a) k = MatMul(h, b) y = MatMul(k, c)'));
  const { initializers } = m.graph;
  const a = initializers.get('a')!;
  const bent = new Uint8Array(bytesOf(a));
  bent[100]! ^= 1;
  const tied = new Map([...initializers, ['b', { ...a, data: a.data.slice() }], ['c', { ...a, data: new Float32Array(bent.buffer) }]]);
  const rows = inventory({ ...m, graph: { ...m.graph, initializers: tied } });
  expect(rows.map(({ name, tiedTo }) => [name, tiedTo])).toEqual([
    ['a', undefined],
    ['b', 'a'],
    ['c', undefined],
  ]);
});

test('every tensor of a model has a row: those of the main graph in the order of their use, then the others', () => {
  const text = `g(x: float32[], s: ?) -> (y: float32[]) {
    opaque words = "10083201614205776f726473"
    c = Constant() { value = float32[1] = [2] }
    h = MatMul(x, late) k = Conv(h, early)
    y = If(s) { then_branch = graph t() -> (o: float32) { init inner: float32[2] = [1, 2] o = Add(k, inner) } }
  }`;
  const rows = inventory(model('early:float32[8,4,3,3] unread:float32[9] late:float32[8,16]', text));
  expect(rows.map(({ name, place, rule }) => `${name} ${place} ${rule}`)).toEqual([
    'late initializer quantize',
    'early initializer quantize',
    'unread initializer exact',
    'words graph exact',
    'c graph exact',
    'inner graph exact',
  ]);
  expect(rows.reduce((sum, { elements }) => sum + elements, 0)).toBe(128 + 288 + 9 + 0 + 1 + 2);
  expect(rows.every(({ because, dims, elements }) => because.length > 5 && (elements === 0 || sizeOf(dims) === elements))).toBe(true);
});

test('a name that an inner graph gives itself hides the weight outside', () => {
  const m = model('w:float32[80]', graph('y = If(x) { then_branch = graph t() -> (o: float32) { w = Relu(x) o = Div(x, w) } }'));
  expect(rowOf(m, 'w').because).toBe('no node reads it, and it is small');
});
