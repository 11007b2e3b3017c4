/** The parametrizations that a file can hold, in the order of their codes. */
import type { StoredTensor } from '../stored.js';
import { dense } from './dense.js';
import type { RecordForm } from './record.js';
import { shared } from './shared.js';
import { sparse } from './sparse.js';
import { uniform } from './uniform.js';

export const forms = {
  dense,
  sparse,
  shared,
  uniform,
} as const satisfies { readonly [K in StoredTensor['kind']]: RecordForm<Extract<StoredTensor, { kind: K }>> };
