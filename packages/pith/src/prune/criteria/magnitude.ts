/** |w|: the weights nearest to zero matter least (Han et al., Learning both weights and connections, 2015). */
import type { Criterion } from './criterion.js';

export const magnitude: Criterion = (weights) => Float64Array.from(weights, Math.abs);
