/** Every architecture that pith can make. A new one is one file and one line here. */
import { PithError } from '../base/errors.js';
import { lenet5 } from './lenet-5.js';
import { lenet300 } from './lenet-300-100.js';
import type { Network } from './network.js';
import { resnet20 } from './resnet-20.js';

export const networks: readonly Network[] = [lenet300, lenet5, resnet20];

/** A network by name. Throws `usage.network`. */
export function networkOf(name: string): Network {
  const found = networks.find((n) => n.name === name);
  if (found) return found;
  throw new PithError('usage.network', {
    expected: `one of ${networks.map((n) => n.name).join(', ')}`,
    got: `"${name}"`,
    fix: '`pith zoo` lists them',
  });
}
