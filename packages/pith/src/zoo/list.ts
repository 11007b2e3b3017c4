/** Every architecture that pith can make. A new one is one file and one line here. */
import { didYouMean } from '../base/closest.js';
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
  const names = networks.map((n) => n.name);
  throw new PithError('usage.network', {
    expected: `a network of the zoo (${names.join(', ')}) or an ONNX file`,
    got: `"${name}"`,
    ...didYouMean(name, names, '`pith zoo` lists them'),
  });
}
