/**
 * A transformer of one block as exporters write it: embeddings looked up, shapes computed from shapes, products with weights [in, out] and
 * biases added behind them, layer norm, softmax, GELU by Erf. 12 words, width 8, 2 heads.
 */
import { type NetSpec, netOf } from './brute.js';

const linear = (name: string, x: string, y: string): string => `
    ${y}_m = MatMul(${x}, w_${name})
    ${y} = Add(${y}_m, b_${name})`;

const heads = (x: string, perm: string): string => `
    ${x}_s = Reshape(${x}, split)
    ${x}_h = Transpose(${x}_s) { perm = ints [${perm}] }`;

const spec: NetSpec = {
  graph: `g(ids: int64[batch,sequence]) -> (y: float32[batch,sequence,5]) {
    init places: int64[6] = [0, 1, 2, 3, 4, 5]
    init zero: int64[1] = [0]
    init one: int64[1] = [1]
    init two: int64[1] = [2]
    init eight: int64[1] = [8]
    init four: int64[1] = [4]
    init scale: float32[] = [0.5]
    init half: float32[] = [0.5]
    init root: float32[] = [1.4142135]
    init unit: float32[] = [1]
    init gamma: float32[8] = [1, 1, 1, 1, 1, 1, 1, 1]
    init beta: float32[8] = [0, 0, 0, 0, 0, 0, 0, 0]
    shape = Shape(ids)
    n = Gather(shape, zero)
    t = Gather(shape, one)
    split = Concat(n, t, two, four) { axis = 0 }
    merge = Concat(n, t, eight) { axis = 0 }
    word = Gather(w_word, ids)
    place = Gather(w_place, places)
    x = Add(word, place)
    l = LayerNormalization(x, gamma, beta) { axis = -1 }${linear('q', 'l', 'q')}${linear('k', 'l', 'k')}${linear('v', 'l', 'v')}${heads('q', '0, 2, 1, 3')}${heads('k', '0, 2, 3, 1')}${heads('v', '0, 2, 1, 3')}
    raw = MatMul(q_h, k_h)
    scaled = Mul(raw, scale)
    attention = Softmax(scaled) { axis = -1 }
    mixed = MatMul(attention, v_h)
    back = Transpose(mixed) { perm = ints [0, 2, 1, 3] }
    joined = Reshape(back, merge)${linear('o', 'joined', 'o')}
    a = Add(x, o)
    m = LayerNormalization(a, gamma, beta) { axis = -1 }${linear('up', 'm', 'u')}
    e1 = Div(u, root)
    e2 = Erf(e1)
    e3 = Add(e2, unit)
    e4 = Mul(u, e3)
    g = Mul(e4, half)${linear('down', 'g', 'd')}
    z = Add(a, d)
    y = MatMul(z, w_head)
  }`,
  weights: {
    w_word: [12, 8],
    w_place: [6, 8],
    ...Object.fromEntries(['q', 'k', 'v', 'o'].flatMap((name) => [[`w_${name}`, [8, 8]] as const, [`b_${name}`, [8]] as const])),
    w_up: [8, 16],
    b_up: [16],
    w_down: [16, 8],
    b_down: [8],
    w_head: [8, 5],
  },
};

export const transformer = netOf(spec);
