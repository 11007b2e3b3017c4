/** What a plan does, node by node, and why. */
import { activationBytes, type Executable } from './executable.js';
import { multiplyAddsOf } from './infer.js';
import type { Weighed } from './weights.js';

/** One step of a run. */
export interface Explained {
  /** The node's name in the file, or that of its first output. */
  readonly node: string;
  readonly op: string;
  /** Nodes that are done in the same pass: operator and name. */
  readonly fused: readonly string[];
  readonly kernel: string;
  /** False where the kernel rounds beyond float32: only where `allowReducedPrecision` was given. */
  readonly exact: boolean;
  /** One sentence: what the kernel was chosen over. */
  readonly why: string;
  /** The ways that were weighed, cheapest first: those of products with constant weights, at the shapes at which they were weighed last. */
  readonly choices: readonly Weighed[];
  /** Shapes of the outputs. */
  readonly dims: readonly (readonly number[])[];
  /** Multiply-adds that are done, and those of the same layer with a dense weight. */
  readonly multiplyAdds: number;
  readonly denseMultiplyAdds: number;
  /** Of the packed weight in the heap. */
  readonly weightBytes: number;
  /** Of what the step makes. */
  readonly activationBytes: number;
}

export function explained({ steps }: Executable): Explained[] {
  return steps.map((step): Explained => {
    const { job } = step;
    const choices = step.product?.choices ?? [];
    const taken = choices.find(({ kernel }) => kernel === step.product?.kernel);
    const dense = multiplyAddsOf(job.work);
    return {
      node: job.of.view.place.node,
      op: job.of.node.op,
      fused: job.of.fused,
      kernel: taken?.kernel ?? (job.work.kind === 'kernel' ? job.work.kernel : ''),
      exact: taken?.exact ?? true,
      why: why(taken, choices),
      choices,
      dims: job.work.outputs.map(({ dims }) => dims),
      multiplyAdds: taken ? Math.round(dense * step.product!.share) : dense,
      denseMultiplyAdds: dense,
      weightBytes: taken?.weightBytes ?? 0,
      activationBytes: activationBytes(job),
    };
  });
}

function why(taken: Weighed | undefined, choices: readonly Weighed[]): string {
  const next = choices.find((choice) => choice !== taken);
  if (!taken) return 'the only kernel of this operator';
  const about = ({ nanoseconds }: Weighed): string => `about ${(nanoseconds / 1000).toPrecision(3)} µs`;
  if (!next) return `the only kernel that fits: ${about(taken)}`;
  return `${about(taken)}, against ${about(next)} by ${next.kernel}`;
}
