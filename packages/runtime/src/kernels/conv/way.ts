/** What a way to compute a convolution owes: whether it can, and what it then costs. */
import type { Choice, ConvShape } from '../choice.js';
import type { Layer } from '../layer.js';

export interface ConvWay {
  /** Such as `conv-sparse`. */
  readonly name: string;
  /** False where it rounds beyond float32: for those who allow it. */
  readonly exact: boolean;
  /** Undefined where it does not fit the layer. Nothing is packed before `Choice.pack`. */
  choice(layer: Layer<ConvShape>): Omit<Choice<ConvShape>, 'kernel' | 'exact' | 'letGo'> | undefined;
}
