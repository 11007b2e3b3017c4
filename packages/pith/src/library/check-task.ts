/** Whether a model can learn the task of some data, found out before a run folder is made and hours are spent. Runs nothing. */
import { PithError } from '../base/errors.js';
import type { Model } from '../base/tensor.js';
import type { Dataset } from '../data/dataset.js';
import { losses } from '../train/losses/list.js';
import { optimizers } from '../train/optimizers/list.js';
import { isWeight, parametersOf } from '../train/parameters.js';
import { trainingProgram } from '../train/program.js';

/**
 * Makes the training graph and looks at its output; gives the number of its classes. `frozen` names what is not trained. Throws what making
 * a training graph throws (`unsupported.no-weights`, `unsupported.op`, `unsupported.gradient`, `unsupported.inputs` …), and `unsupported.outputs` for a model that is
 * no classifier.
 */
export function checkTrainable(model: Model, frozen: readonly string[] = []): number {
  if (!parametersOf(model).some(isWeight))
    throw new PithError('unsupported.no-weights', { expected: 'a model with float32 weights of layers', got: 'none' });
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
      got: `[${['N', ...targetDims.slice(1)].join(', ')}]`,
      fix: 'pith trains classifiers of one image',
    });
  return outputs;
}

/** Throws what `checkTrainable` throws, and `input.label` where the data have more classes than the model. */
export function checkTask(model: Model, data: Dataset, frozen: readonly string[] = []): void {
  const outputs = checkTrainable(model, frozen);
  if (data.classes.length > outputs)
    throw new PithError('input.label', {
      expected: `at most ${outputs} classes, the outputs of the model`,
      got: `${data.classes.length} classes in ${data.name}`,
      fix: 'choose the data that the model was trained for',
    });
}
