/** A .pith file of 20 MB that decodes to 84 MB of weights: five products of shared weights that nothing makes smaller. */
import { type SharedStored, type StoredTensor, writePith, zeros } from '../../packages/runtime/src/index.js';
import { model, node, random, value } from '../../packages/runtime/test/help/models.js';

const side = 2048;
const layers = 5;

export function largeFile(): Uint8Array {
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
