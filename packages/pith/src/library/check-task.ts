/** Whether a model can learn the task of some data, found out before a run folder is made and hours are spent. Runs nothing. */
import { PithError } from '../base/errors.js';
import type { Model } from '../base/tensor.js';
import type { Dataset } from '../data/dataset.js';
import { losses } from '../train/losses/list.js';
import { optimizers } from '../train/optimizers/list.js';
import { trainingProgram } from '../train/program.js';

/**
 * Makes the training graph and looks at its output. `frozen` names what is not trained. Throws what making a training graph throws
 * (`unsupported.op`, `unsupported.gradient`, `unsupported.inputs` …), `unsupported.outputs` for a model that is no classifier, and
 * `input.label` where the data have more classes than it.
 */
export function checkTask(model: Model, data: Dataset, frozen: readonly string[] = []): void {
  const { targetDims } = trainingProgram({
    model,
    batch: 2,
    loss: losses['softmax-cross-entropy'],
    optimizer: optimizers.sgd({ momentum: 0, nesterov: false }),
    states: new Map(),
    frozen: new Set(frozen),
    weightDecay: 0,
    clipNorm: 0,
    statisticsMomentum: 0.9,
  });
  const [, outputs] = targetDims;
  if (targetDims.length !== 2 || !outputs)
    throw new PithError('unsupported.outputs', {
      at: { tensor: model.graph.outputs[0]?.name ?? '' },
      expected: 'logits [N, classes]',
      got: `[N${targetDims.slice(1).map((d) => `, ${d}`)}]`,
      fix: 'pith trains classifiers of one image',
    });
  if (data.classes.length > outputs)
    throw new PithError('input.label', {
      at: { file: data.name },
      expected: `at most ${outputs} classes, the outputs of the model`,
      got: `${data.classes.length} classes`,
      fix: 'choose the data that the model was trained for',
    });
}
