/** The operators by their ONNX names. */
import { operators } from './list.js';
import type { Operator } from './operator.js';

export const byName: ReadonlyMap<string, Operator> = new Map(operators.map((operator) => [operator.name, operator]));
