/** Products of square matrices of shared weights that nothing makes smaller: a byte each in the file. */
import { type SharedStored, type StoredTensor, writePith, zeros } from '../../packages/runtime/src/index.js';
import { model, node, random, value } from '../../packages/runtime/test/help/models.js';

/** 20 MB unless said, and 84 MB of weights. */
export function largeFile({ side = 2048, layers = 5 }: { readonly side?: number; readonly layers?: number } = {}): Uint8Array {
  const next = random(12);
  const names = Array.from({ length: layers }, (_, i) => `w${i}`);
  const stored = new Map<string, StoredTensor>(
    names.map((name): [string, SharedStored] => [
      name,
      {
        kind: 'shared',
        dims: [side, side],
        codebook: Float32Array.from({ length: 255 }, (_, i) => (i - 127) / 8192),
        positions: null,
        index: Uint16Array.from({ length: side * side }, () => next() * 255),
        gapBits: 0,
      },
    ]),
  );
  const nodes = names.map((name, i) => node('MatMul', [i === 0 ? 'x' : `h${i}`, name], [i === layers - 1 ? 'y' : `h${i + 1}`]));
  const given = model({
    inputs: [value('x', 'N', side)],
    outputs: [value('y', 'N', side)],
    nodes,
    // their values stand in `stored`
    initializers: new Map(names.map((name) => [name, zeros('float32', [side, side])])),
  });
  return writePith({ model: given, stored, coder: 'rans' }).bytes;
}
