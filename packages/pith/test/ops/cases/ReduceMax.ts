import { ints } from '../ints.js';
import { reduceCases } from '../reduce.js';

export const cases = reduceCases({
  axesInputSince: 18,
  extra: [
    { title: 'no axes and no reduction', inputs: [{ dims: [2, 3] }], attributes: { noop_with_empty_axes: 1 } },
    {
      title: 'ties',
      inputs: [{ dims: [2, 3], values: [1, 1, 0.5, 2, 2, 2] }, ints(1)],
      gradient: [],
    },
  ],
});
