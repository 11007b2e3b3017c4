import fc from 'fast-check';
import { tensorField as T } from 'pith-runtime/onnx';
import { describe, expect, test } from 'vitest';
import { bytesOf, type Model, type Tensor } from '../../src/base/tensor.js';
import { readOnnx } from '../../src/onnx/read.js';
import { onnxChunks, writeOnnx } from '../../src/onnx/write.js';
import { allTypes, counting, modelOf, models, parsed, samples, withTensor } from './samples.js';

const plain = (model: Model): unknown =>
  JSON.parse(
    JSON.stringify(model, (_, value: unknown) => {
      if (value instanceof Map) return { map: [...value] };
      if (ArrayBuffer.isView(value))
        return { [value.constructor.name]: [...new Uint8Array(value.buffer, value.byteOffset, value.byteLength)] };
      if (typeof value === 'bigint') return `${value}n`;
      return typeof value === 'number' && !Number.isFinite(value) ? `number ${value}` : value;
    }),
  );

describe('a model comes out as it went in', () => {
  for (const [name, model] of Object.entries(models))
    test(`model ${name}, read from what was written`, () => {
      const bytes = writeOnnx(model);
      expect(plain(readOnnx(bytes))).toEqual(plain(model));
      expect(writeOnnx(readOnnx(bytes))).toEqual(bytes);
    });

  test('and the comparison can say no', () => {
    const bent = readOnnx(samples['network']!);
    const weight = bent.graph.initializers.get('w')!;
    (weight.data as Float32Array)[3] = 7;
    expect(plain(bent)).not.toEqual(plain(models['network']!));
  });

  test('with its opaque attributes and types byte for byte', () => {
    const model = parsed('g(x: type "2200", y: type "0a020808") -> (z: float32) { opaque words = "10083201614205776f726473" z = Op(x) }');
    expect(plain(readOnnx(writeOnnx(model)))).toEqual(plain(model));
  });

  test('with arbitrary tensors', () => {
    const shape = fc.array(fc.nat(5), { maxLength: 4 });
    fc.assert(
      fc.property(fc.constantFrom(...allTypes), shape, (dtype, dims) => {
        const t = counting(dtype, dims);
        const graph = { ...parsed('g() -> () { }').graph, initializers: new Map([['t', t]]) };
        const back = readOnnx(writeOnnx(modelOf(graph))).graph.initializers.get('t')!;
        expect(back.dtype).toBe(dtype);
        expect(back.dims).toEqual(dims);
        expect([...bytesOf(back)]).toEqual([...bytesOf(t)]);
      }),
      { seed: 7, numRuns: 300 },
    );
  });
});

describe('typed data', () => {
  const tensors = readOnnx(samples['typed']!).graph;
  const numbers = (t: Tensor | undefined) => Array.from(t?.data ?? [], String);
  for (const [name, expected] of [
    ['half', ['15360', '49152']],
    ['half.packed', ['15360', '49152']],
    ['float', ['1.5', '-2']],
    ['float.packed', ['1.5']],
    ['int64', ['-1', '1099511627776', '0']],
    ['uint64', ['18446744073709551615']],
    ['uint32', ['4294967295']],
    ['int8', ['-128', '127']],
    ['int4', ['33', '15']],
    ['bool', ['1', '0']],
    ['double', [String(Math.PI)]],
  ] as const)
    test(`${name} is read`, () => expect(numbers(tensors.initializers.get(name))).toEqual(expected));

  test('strings and sparse tensors are kept as bytes', () => {
    expect([...tensors.opaqueInitializers].map(([name, { sparse }]) => [name, sparse])).toEqual([
      ['words', false],
      ['sparse', true],
    ]);
    const again = readOnnx(writeOnnx(readOnnx(samples['typed']!))).graph.opaqueInitializers;
    expect(plain({ again } as unknown as Model)).toEqual(plain({ again: tensors.opaqueInitializers } as unknown as Model));
  });
});

describe('memory', () => {
  const big = counting('float32', [1000, 1000]);
  const model = modelOf({ ...parsed('g() -> () { }').graph, initializers: new Map([['big', big]]) });

  test('the writer passes the data of a large tensor through', () => {
    expect(onnxChunks(model).some((chunk) => chunk.buffer === big.data.buffer)).toBe(true);
  });

  test('the reader gives a view where the data is aligned and a copy where it is not', () => {
    const bytes = writeOnnx(model);
    const shares = [0, 1, 2, 3].map((shift) => {
      const moved = new Uint8Array(bytes.length + 8).subarray(shift, shift + bytes.length);
      moved.set(bytes);
      const back = readOnnx(moved).graph.initializers.get('big')!.data;
      expect(Buffer.compare(Buffer.from(back.buffer, back.byteOffset, back.byteLength), Buffer.from(big.data.buffer))).toBe(0);
      return back.buffer === moved.buffer;
    });
    expect(shares.filter(Boolean)).toHaveLength(1);
  });

  test('a Buffer is read like any Uint8Array', () => {
    for (let shift = 0; shift < 4; shift++) {
      const moved = Buffer.alloc(samples['network']!.length + shift).subarray(shift);
      moved.set(samples['network']!);
      expect(plain(readOnnx(moved))).toEqual(plain(models['network']!));
    }
  });

  test('packed float_data is a view too', () => {
    const views = [0, 1, 2, 3].map((pad) => {
      const bytes = withTensor((t) => {
        t.text(12, 'x'.repeat(pad));
        t.ints(T.dims, [2]);
        t.int(T.dataType, 1);
        t.blob(T.floatData, new Uint8Array(Float32Array.of(1, 2).buffer));
      });
      const { data } = readOnnx(bytes).graph.initializers.get('t')!;
      expect([...data]).toEqual([1, 2]);
      return data.buffer === bytes.buffer;
    });
    expect(views.filter(Boolean)).toHaveLength(1);
  });
});

test('reading and writing the same model twice gives the same bytes', () => {
  for (const model of Object.values(models)) expect(writeOnnx(model)).toEqual(writeOnnx(model));
});
