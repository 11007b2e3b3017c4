/** A large layer of quantized weights as they come: a Laplace distribution, rows and columns of several sizes. Seeded. */
import { Random } from '../../packages/pith/dist/base/random.js';
import { type Model, naturalView, type StoredTensor } from '../../packages/runtime/dist/index.js';
import { layersModel } from '../support/layers-model.js';

const rows = 4096;
const columns = 4096;

export function largeLayer(seed: number): { readonly model: Model; readonly stored: ReadonlyMap<string, StoredTensor> } {
  const random = Random.of(seed, 'speed');
  const sizes = (count: number): Float64Array => Float64Array.from({ length: count }, () => 2 ** (0.3 * random.normal()));
  const [ofRows, ofColumns] = [sizes(rows), sizes(columns)];
  const levels = new Int32Array(rows * columns);
  for (let i = 0, r = 0; r < rows; r++)
    for (let c = 0; c < columns; c++, i++) {
      const size = ofRows[r]! * ofColumns[c]! * -Math.log(1 - random.unit());
      levels[i] = Math.round(random.unit() < 0.5 ? size : -size);
    }
  const dims = [rows, columns];
  const stored: StoredTensor = {
    kind: 'uniform',
    dtype: 'float32',
    dims,
    view: naturalView(dims, false),
    levels,
    grid: 'scalar',
    step: -96,
    rowSteps: null,
    columnSteps: null,
  };
  return { model: layersModel('layer', [{ name: 'layer', dims }]), stored: new Map([['layer.weight', stored]]) };
}
