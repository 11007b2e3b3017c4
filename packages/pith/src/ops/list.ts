/** Every operator that pith knows, in alphabetical order. A new one is a file and a line here. */
import { Add } from './Add.js';
import { Flatten } from './Flatten.js';
import { Identity } from './Identity.js';
import { MatMul } from './MatMul.js';
import type { Op } from './op.js';
import { ReduceMean } from './ReduceMean.js';
import { ReduceSum } from './ReduceSum.js';
import { Relu } from './Relu.js';
import { Reshape } from './Reshape.js';
import { Transpose } from './Transpose.js';

export const ops = [Add, Flatten, Identity, MatMul, ReduceMean, ReduceSum, Relu, Reshape, Transpose] as const satisfies readonly Op[];

const table: ReadonlyMap<string, Op> = new Map(ops.map((op) => [op.name, op]));

/** The rules of an operator of the standard domain, or undefined where pith does not know it. */
export const opOf = (name: string, domain = ''): Op | undefined => (domain === '' || domain === 'ai.onnx' ? table.get(name) : undefined);
