/** From a compression to the bytes of a .pith file, and the proof that they decode to what was trained, bit for bit. */
import { type CoderChoice, readPith, toModel, type WrittenPith, writePith } from 'pith-runtime';
import { PithError } from '../base/errors.js';
import { inOrder } from '../base/order.js';
import { bytesOf, type Model } from '../base/tensor.js';
import { parametrizationOf } from '../parametrization/list.js';
import { withWeights } from '../train/fit.js';
import type { Compression } from './step.js';

/** The whole file; under the coders that make it smallest unless one is named. */
export function codeCompression(
  { model, states, statistics }: Compression,
  metadata: ReadonlyMap<string, string>,
  coder: CoderChoice = 'smallest',
): WrittenPith {
  const sorted = withWeights({ ...model, graph: { ...model.graph, nodes: inOrder(model.graph.nodes) } }, states, statistics);
  const stored = new Map([...states].map(([name, state]) => [name, parametrizationOf(state).stored(state)]));
  return writePith({ model: sorted, stored, metadata, coder });
}

/** The model of a coded file, after each tensor was compared with the trained one. Throws `bug.decode` where a bit differs. */
export function decodeAndCompare(bytes: Uint8Array, { model, states, statistics }: Compression): Model {
  const decoded = toModel(readPith(bytes));
  const wanted = withWeights(model, states, statistics).graph.initializers;
  for (const [name, tensor] of wanted) {
    const got = decoded.graph.initializers.get(name);
    // A pruned weight is +0 in the file; in training it may be −0, which is the same number.
    const same =
      got !== undefined && got.dims.join() === tensor.dims.join() && sameNumbers(bytesOf(got), bytesOf(tensor), tensor.dtype === 'float32');
    if (!same)
      throw new PithError('bug.decode', {
        at: { tensor: name },
        expected: 'the bits that were trained',
        got: got ? 'others' : 'no such tensor',
      });
  }
  return decoded;
}

function sameNumbers(a: Uint8Array, b: Uint8Array, floats: boolean): boolean {
  if (a.length !== b.length) return false;
  if (!floats) return a.every((v, i) => v === b[i]);
  const [x, y] = [a, b].map((bytes) => new Uint32Array(bytes.slice().buffer));
  return x!.every((v, i) => v === y![i] || ((v | y![i]!) & 0x7fffffff) === 0);
}
