/** Which operators of a model pith can train through, take weights of, and run; each refusal with its reason. */
import { unsupportedOperators } from 'pith-runtime';
import { PithError } from '../base/errors.js';
import type { Model } from '../base/tensor.js';
import { checkFinite } from '../onnx/check.js';
import { opOf } from '../ops/list.js';
import { isWeight, parametersOf } from '../train/parameters.js';
import { checkTrainable } from './check-task.js';
import { type ModelSource, openModel } from './model-source.js';

export type Verdict = true | { readonly no: string };

export interface OperatorVerdict {
  readonly op: string;
  readonly count: number;
  readonly train: Verdict;
  /** Whether it has weights that pruning and sharing work on. */
  readonly prune: Verdict;
  readonly run: Verdict;
}

export interface Diagnosis {
  readonly operators: readonly OperatorVerdict[];
  readonly train: Verdict;
  readonly run: Verdict;
}

/** Throws what opening the file throws. */
export async function doctor(source: ModelSource): Promise<Diagnosis> {
  const { model } = await openModel(source);
  const weights = new Set(
    parametersOf(model)
      .filter(isWeight)
      .map((p) => fullName(p.node.op, p.node.domain)),
  );
  const refused = new Set(unsupportedOperators(model.graph.nodes));
  const counts = new Map<string, { domain: string; name: string; count: number }>();
  for (const { op, domain } of model.graph.nodes) {
    const known = counts.get(fullName(op, domain));
    if (known) known.count++;
    else counts.set(fullName(op, domain), { domain, name: op, count: 1 });
  }
  const operators = [...counts]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(
      ([op, { domain, name, count }]): OperatorVerdict => ({
        op,
        count,
        train: trainable(name, domain),
        prune: weights.has(op) || { no: 'no weights' },
        run: !refused.has(op) || { no: 'no kernel; decode to ONNX and use ONNX Runtime' },
      }),
    );
  const bad = (what: 'train' | 'run'): string =>
    operators
      .filter((o) => o[what] !== true)
      .map((o) => o.op)
      .join(', ');
  const through = weights.size > 0 ? verdict(bad('train'), 'through') : { no: 'there are no float32 weights of layers' };
  return { operators, train: through === true ? asWhole(model) : through, run: verdict(bad('run'), 'by pith-runtime:') };
}

/** What stands against training though each operator allows it: several inputs, an output that is no classifier's, NaN. */
function asWhole(model: Model): Verdict {
  try {
    checkFinite(model);
    checkTrainable(model);
    return true;
  } catch (error) {
    if (!(error instanceof PithError)) throw error;
    return { no: error.message };
  }
}

const fullName = (op: string, domain: string): string => (domain === '' ? op : `${domain}.${op}`);
const verdict = (ops: string, how: string): Verdict => ops === '' || { no: `not ${how} ${ops}` };

function trainable(name: string, domain: string): Verdict {
  const op = opOf(name, domain);
  if (!op) return { no: 'pith does not know this operator' };
  return op.gradient.kind !== 'missing' || { no: op.gradient.why };
}
