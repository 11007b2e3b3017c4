import { attributeField as A, graphField as G, modelField as M, nodeField as N, tensorField as T, WireWriter } from 'pith-runtime/onnx';
import { describe, expect, test } from 'vitest';
import { type ErrorDetail, PithError } from '../../src/base/errors.js';
import { type ReadOptions, readOnnx } from '../../src/onnx/read.js';
import { writeOnnx } from '../../src/onnx/write.js';
import { finish, handmade, models, samples, withTensor } from './samples.js';

/** The code and detail of what reading throws; anything but a PithError passes through. */
function refusal(bytes: Uint8Array, options?: ReadOptions): { code: string; detail?: ErrorDetail } {
  try {
    readOnnx(bytes, options);
    return { code: 'read' };
  } catch (error) {
    if (!(error instanceof PithError)) throw error;
    return { code: error.code, detail: error.detail };
  }
}

const latin = (text: string) => Uint8Array.from(text, (c) => c.charCodeAt(0));
const raw = (n: number) => (t: WireWriter) => t.blob(T.rawData, new Uint8Array(n));
const dims =
  (...list: (number | bigint)[]) =>
  (t: WireWriter) =>
    t.ints(T.dims, list);
const type = (code: number) => (t: WireWriter) => t.int(T.dataType, code);
const tensor = (...parts: ((t: WireWriter) => void)[]) =>
  withTensor((t) => {
    for (const part of parts) part(t);
  });
const external = (entries: Record<string, string>) => (t: WireWriter) => {
  for (const [key, value] of Object.entries(entries))
    t.message(T.externalData, (m) => {
      m.text(1, key);
      m.text(2, value);
    });
  t.int(T.dataLocation, 1);
};
const modelFields = (write: (w: WireWriter) => void): Uint8Array => {
  const w = new WireWriter();
  write(w);
  return finish(w);
};
const node = (...parts: ((n: WireWriter) => void)[]) =>
  handmade((g) =>
    g.message(G.node, (n) => {
      for (const part of parts) part(n);
    }),
  );
const op = (n: WireWriter) => n.text(N.op, 'Op');
/** Graphs in attributes of nodes in graphs …: three messages each. */
const nested = (levels: number) =>
  handmade((g) => {
    const level = (graph: WireWriter, left: number): void =>
      graph.message(G.node, (n) => {
        n.text(N.op, 'If');
        if (left > 0)
          n.message(N.attribute, (a) => {
            a.text(A.name, 'then_branch');
            a.message(A.graph, (inner) => level(inner, left - 1));
            a.int(A.type, 5);
          });
      });
    level(g, levels);
  });

const table: readonly (readonly [what: string, bytes: Uint8Array, code: string, options?: ReadOptions])[] = [
  ['an empty file', new Uint8Array(), 'input.onnx-empty'],
  ['a web page', latin('<!DOCTYPE html>\n<html><body>404</body></html>'), 'input.onnx-html'],
  ['a web page after white space and a byte order mark', latin('\xef\xbb\xbf \n <html>'), 'input.onnx-html'],
  ['an XML answer', latin('<?xml version="1.0"?><Error><Code>AccessDenied</Code></Error>'), 'input.onnx-html'],
  ['a Git LFS pointer', latin('version https://git-lfs.github.com/spec/v1\noid sha256:00'), 'input.onnx-format'],
  ['a zip archive', latin('PK\x03\x04\x14\x00'), 'input.onnx-format'],
  ['gzip data', latin('\x1f\x8b\x08\x00'), 'input.onnx-format'],
  ['JSON', latin('{"error": "not found"}'), 'input.onnx-malformed'],
  ['zeros', new Uint8Array(100), 'input.onnx-malformed'],
  ['random text', latin('hello world, this is not a model'), 'input.onnx-malformed'],
  ['a field that ends with the file', Uint8Array.of(8), 'input.onnx-truncated'],
  ['a number of eleven bytes', new Uint8Array(12).fill(0xff).fill(8, 0, 1), 'input.onnx-malformed'],
  ['protobuf without a graph', modelFields((w) => w.int(M.irVersion, 8)), 'input.onnx-no-graph'],
  [
    'a model without an opset',
    modelFields((w) => {
      w.int(M.irVersion, 8);
      w.message(M.graph, () => {});
    }),
    'input.onnx-no-opset',
  ],
  ['a model without an IR version', handmade(() => {}, { ir: 0 }), 'unsupported.ir'],
  ['an IR version from the future', handmade(() => {}, { ir: 15 }), 'unsupported.ir'],
  ['an opset from the future', handmade(() => {}, { opset: 29 }), 'unsupported.opset'],
  ['an opset of none', handmade(() => {}, { opset: 0 }), 'unsupported.opset'],
  [
    'two graphs',
    modelFields((w) => {
      w.message(M.graph, () => {});
      w.message(M.graph, () => {});
    }),
    'input.onnx-malformed',
  ],
  ['a name that is not UTF-8', node(op, (n) => n.blob(N.name, Uint8Array.of(0xff))), 'input.onnx-malformed'],
  ['a field of the wrong wire type', node(op, (n) => n.int(N.name, 1)), 'input.onnx-malformed'],
  ['a node without an operator', node((n) => n.text(N.name, 'n')), 'input.onnx-malformed'],
  ['an attribute without a name', node(op, (n) => n.message(N.attribute, (a) => a.int(A.type, 2))), 'input.onnx-malformed'],
  [
    'an attribute given twice',
    node(op, ...[1, 2].map(() => (n: WireWriter) => n.message(N.attribute, (a) => a.text(A.name, 'axis')))),
    'input.onnx-duplicate',
  ],
  [
    'an initializer without a name',
    handmade((g) =>
      g.message(G.initializer, (t) => {
        t.int(T.dataType, 1);
        raw(4)(t);
      }),
    ),
    'input.onnx-malformed',
  ],
  ['messages nested beyond the limit', nested(40), 'limit.depth'],
  ['a file above the limit', samples['network']!, 'limit.bytes', { limits: { bytes: 100 } }],
  ['more objects than allowed', samples['network']!, 'limit.objects', { limits: { objects: 1000 } }],
];

describe('the ONNX reader refuses', () => {
  for (const [what, bytes, code, options] of table) test(`${what}: ${code}`, () => expect(refusal(bytes, options).code).toBe(code));

  test('a file cut off at every 1 % of its length, and at every byte', () => {
    const model = writeOnnx(models['every-type']!);
    for (let percent = 0; percent < 100; percent++)
      expect(refusal(model.subarray(0, Math.floor((model.length * percent) / 100))).code).toMatch(
        /^input\.onnx-(empty|truncated|no-graph)$/,
      );
    for (const bytes of Object.values(samples))
      for (let n = 0; n < bytes.length; n++) expect(refusal(bytes.subarray(0, n)).code).toMatch(/^input\.onnx-(empty|truncated|no-graph)$/);
  });

  test('an unknown option, but no known one', () => {
    expect(() => readOnnx(samples['network']!, { limit: {} } as ReadOptions)).toThrow(/"limit"/);
    expect(() => readOnnx(samples['network']!, { limits: { size: 1 } } as ReadOptions)).toThrow(/"size"/);
    expect(refusal(samples['network']!, { limits: { depth: 100 } }).code).toBe('read');
  });

  test('nothing that is nested within the limit', () => expect(refusal(nested(30)).code).toBe('read'));
});

const badTensors: readonly (readonly [what: string, bytes: Uint8Array, code: string, options?: ReadOptions])[] = [
  ['negative dims', tensor(dims(2, -3), type(1), raw(24)), 'input.tensor-shape'],
  ['dims whose product overflows', tensor(dims(2 ** 31, 2 ** 31, 4), type(1), raw(4)), 'limit.shape'],
  ['one dim beyond 2^53', tensor(dims(2n ** 62n), type(1), raw(4)), 'limit.shape'],
  ['dims that overflow beside a zero', tensor(dims(0, 2 ** 40, 2 ** 40), type(1)), 'limit.shape'],
  ['more dims than 64', tensor(dims(...new Array<number>(65).fill(1)), type(1), raw(4)), 'limit.rank'],
  ['raw_data that is too short', tensor(dims(2, 2), type(1), raw(15)), 'input.tensor-size'],
  ['raw_data that is too long', tensor(dims(2, 2), type(1), raw(17)), 'input.tensor-size'],
  ['gigabytes declared and nothing there', tensor(dims(2 ** 33), type(1)), 'input.tensor-size'],
  ['too few typed values', tensor(dims(3), type(7), (t) => t.ints(T.int64Data, [1, 2])), 'input.tensor-size'],
  ['typed data in the wrong field', tensor(dims(1), type(1), (t) => t.ints(T.int64Data, [1])), 'input.tensor-data'],
  ['data in two fields', tensor(dims(1), type(1), raw(4), (t) => t.float(T.floatData, 1)), 'input.onnx-malformed'],
  ['half a float', tensor(dims(1), type(1), (t) => t.blob(T.floatData, new Uint8Array(3))), 'input.onnx-malformed'],
  ['an int8 of 300', tensor(dims(1), type(3), (t) => t.ints(T.int32Data, [300])), 'input.tensor-value'],
  ['a uint32 of 2^32', tensor(dims(1), type(12), (t) => t.ints(T.uint64Data, [2 ** 32])), 'input.tensor-value'],
  ['a bool of 2', tensor(dims(1), type(9), (t) => t.blob(T.rawData, Uint8Array.of(2))), 'input.tensor-value'],
  ['no element type', tensor(dims(1), raw(4)), 'input.tensor-type'],
  ['a segment of a tensor', tensor(dims(1), type(1), (t) => t.message(T.segment, () => {})), 'unsupported.tensor'],
  ['external data without a resolver', tensor(dims(1), type(1), external({ location: 'w.bin' })), 'input.external-data'],
  ['external data without a location', tensor(dims(1), type(1), external({})), 'input.external-data'],
  ['a negative offset', tensor(dims(1), type(1), external({ location: 'w.bin', offset: '-4' })), 'input.external-data'],
  ['a length that does not match the shape', tensor(dims(1), type(1), external({ location: 'w.bin', length: '8' })), 'input.tensor-size'],
  [
    'a resolver that gives too little',
    tensor(dims(1), type(1), external({ location: 'w' })),
    'input.external-data',
    { external: () => new Uint8Array(3) },
  ],
];

describe('the ONNX reader refuses a tensor with', () => {
  for (const [what, bytes, code, options] of badTensors)
    test(`${what}: ${code}, naming the place`, () => {
      const { code: got, detail } = refusal(bytes, options);
      expect(got).toBe(code);
      expect(detail?.at?.byte).toBeGreaterThan(0);
      if (!['input.onnx-malformed', 'limit.rank', 'unsupported.tensor'].includes(code)) expect(detail?.at?.tensor).toBe('t');
    });

  test('nothing wrong: no refusal', () => {
    expect(refusal(tensor(dims(2, 2), type(1), raw(16))).code).toBe('read');
    expect(refusal(tensor(dims(1), type(1), external({ location: 'w' })), { external: () => new Uint8Array(4) }).code).toBe('read');
  });
});

test('a value info with dimension -1 is of unknown size, with -2 wrong', () => {
  const input = (dim: number) =>
    handmade((g) =>
      g.message(G.input, (v) => {
        v.text(1, 'x');
        v.message(2, (t) =>
          t.message(1, (tt) => {
            tt.int(1, 1);
            tt.message(2, (s) => s.message(1, (d) => d.int(1, dim)));
          }),
        );
      }),
    );
  expect(readOnnx(input(-1)).graph.inputs[0]!.dims).toEqual([null]);
  expect(refusal(input(-2)).code).toBe('input.shape');
});
