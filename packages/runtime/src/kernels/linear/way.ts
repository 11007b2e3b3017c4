/** What a way to compute y = x Wᵀ owes: whether it can, and what it then costs. */
import type { Choice, LinearShape } from '../choice.js';
import type { Layer } from '../layer.js';

export interface LinearWay {
  /** Such as `linear-sparse`. */
  readonly name: string;
  /** False where it rounds beyond float32: for those who allow it. */
  readonly exact: boolean;
  /** Undefined where it does not fit the layer. Nothing is packed before `Choice.pack`. */
  choice(layer: Layer<LinearShape>): Omit<Choice<LinearShape>, 'kernel' | 'exact' | 'letGo'> | undefined;
}
