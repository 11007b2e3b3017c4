import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { PithError } from '../../src/base/errors.js';
import { type Checkpoint, type CheckpointArray, decodeCheckpoint, encodeCheckpoint } from '../../src/train/checkpoint.js';

const bytesOf = (checkpoint: Checkpoint): Uint8Array => new Uint8Array(Buffer.concat(encodeCheckpoint(checkpoint)));

const sample: Checkpoint = {
  arrays: new Map<string, CheckpointArray>([
    ['conv1.weight', Float32Array.of(1.5, -0, Number.NaN, 3e-41)],
    ['conv1.weight/mask', Uint8Array.of(1, 0, 1)],
    ['conv1.weight/index', Uint16Array.of(0, 65535)],
    ['empty', new Float32Array(0)],
  ]),
  state: { epoch: 2, history: [{ loss: 0.1 }], text: 'é' },
};

/** Equal in every bit. */
const bits = ({ arrays, state }: Checkpoint) => ({
  state,
  arrays: new Map(
    [...arrays].map(([name, a]) => [name, { type: a.constructor.name, bytes: [...new Uint8Array(a.buffer, a.byteOffset, a.byteLength)] }]),
  ),
});

function refusal(bytes: Uint8Array): unknown {
  try {
    return bits(decodeCheckpoint(bytes));
  } catch (error) {
    return error;
  }
}

describe('a checkpoint', () => {
  test('comes back in every bit', () => {
    expect(bits(decodeCheckpoint(bytesOf(sample)))).toEqual(bits(sample));
  });

  test('comes back whatever names and arrays it has', () => {
    const array = fc.oneof(
      fc.float32Array({ maxLength: 5 }),
      fc.uint8Array({ maxLength: 5 }).map((a) => Uint8Array.from(a)),
      fc.uint16Array({ maxLength: 5 }).map((a) => Uint16Array.from(a)),
    );
    const name = fc.oneof(fc.string(), fc.nat({ max: 30 }).map(String), fc.constantFrom('__proto__', 'constructor', 'toString'));
    fc.assert(
      fc.property(fc.uniqueArray(fc.tuple(name, array), { selector: ([n]) => n, maxLength: 6 }), fc.jsonValue(), (entries, state) => {
        const given = { arrays: new Map<string, CheckpointArray>(entries), state: JSON.parse(JSON.stringify(state)) as unknown };
        expect(bits(decodeCheckpoint(bytesOf(given)))).toEqual(bits(given));
      }),
      { seed: 7, numRuns: 200 },
    );
  });

  test('is in the safetensors layout', () => {
    const bytes = bytesOf(sample);
    const length = Number(new DataView(bytes.buffer).getBigUint64(0, true));
    expect(length % 8).toBe(0);
    const header = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + length))) as Record<string, unknown>;
    const { __metadata__: metadata, ...entries } = header;
    expect(entries).toEqual({
      'conv1.weight': { dtype: 'F32', shape: [4], data_offsets: [0, 16] },
      'conv1.weight/mask': { dtype: 'U8', shape: [3], data_offsets: [16, 19] },
      'conv1.weight/index': { dtype: 'U16', shape: [2], data_offsets: [19, 23] },
      empty: { dtype: 'F32', shape: [0], data_offsets: [23, 23] },
    });
    expect(Object.values(metadata as object).every((value) => typeof value === 'string')).toBe(true);
    expect(bytes.length).toBe(8 + length + 23);
    expect(new DataView(bytes.buffer).getFloat32(8 + length, true)).toBe(1.5);
  });

  test('reads from the middle of a larger buffer', () => {
    const bytes = bytesOf(sample);
    const larger = new Uint8Array(bytes.length + 13);
    larger.set(bytes, 5);
    expect(bits(decodeCheckpoint(larger.subarray(5, 5 + bytes.length)))).toEqual(bits(sample));
  });

  test('keeps the name __metadata__ for itself', () => {
    expect(() => encodeCheckpoint({ arrays: new Map([['__metadata__', new Float32Array(1)]]), state: null })).toThrow(
      expect.objectContaining({ code: 'unsupported.name' }),
    );
  });

  test('is refused at every truncation, and with a byte too many', () => {
    const bytes = bytesOf(sample);
    for (let length = 0; length < bytes.length; length++)
      expect(refusal(bytes.subarray(0, length)), `${length} bytes`).toMatchObject({ code: 'input.checkpoint' });
    expect(refusal(Uint8Array.of(...bytes, 0))).toMatchObject({ code: 'input.checkpoint' });
  });

  test('with any bit flipped is refused, or the same', () => {
    const bytes = bytesOf(sample);
    const whole = JSON.stringify(bits(sample), (_, v: unknown) => (v instanceof Map ? [...v] : v));
    let refused = 0;
    for (let at = 0; at < bytes.length; at++)
      for (let bit = 0; bit < 8; bit++) {
        const damaged = bytes.slice();
        damaged[at]! ^= 1 << bit;
        const found = refusal(damaged);
        if (found instanceof PithError) {
          expect(found.code).toBe('input.checkpoint');
          refused++;
        } else
          expect(
            JSON.stringify(found, (_, v: unknown) => (v instanceof Map ? [...v] : v)),
            `byte ${at}, bit ${bit}`,
          ).toBe(whole);
      }
    expect(refused).toBeGreaterThan(bytes.length * 7); // only blanks may change
  });

  test.each([
    ['null', 'null'],
    ['a list', '[]'],
    ['a number', '3'],
    ['no metadata', '{}'],
    ['metadata of another kind', '{"__metadata__":{"state":1,"adler32":"1"}}'],
    ['an entry that is null', '{"__metadata__":{"state":"1","adler32":"1"},"a":null}'],
    ['no offsets', '{"__metadata__":{"state":"1","adler32":"1"},"a":{"dtype":"F32","shape":[0]}}'],
    [
      'offsets that are no numbers',
      '{"__metadata__":{"state":"1","adler32":"1"},"a":{"dtype":"F32","shape":[0],"data_offsets":["0","0"]}}',
    ],
    ['an unknown type', '{"__metadata__":{"state":"1","adler32":"1"},"a":{"dtype":"constructor","shape":[0],"data_offsets":[0,0]}}'],
    ['an array beyond the file', '{"__metadata__":{"state":"1","adler32":"1"},"a":{"dtype":"F32","shape":[1e12],"data_offsets":[0,4e12]}}'],
    ['no JSON', '<html>'],
  ])('whose header is %s is refused', (_, header) => {
    const json = new TextEncoder().encode(header);
    const bytes = new Uint8Array(8 + json.length);
    new DataView(bytes.buffer).setBigUint64(0, BigInt(json.length), true);
    bytes.set(json, 8);
    expect(refusal(bytes)).toMatchObject({ code: 'input.checkpoint' });
  });

  test('that says its header is huge is refused without making room for it', () => {
    const bytes = bytesOf(sample);
    new DataView(bytes.buffer).setBigUint64(0, 2n ** 63n, true);
    expect(refusal(bytes)).toMatchObject({ code: 'input.checkpoint' });
  });
});
