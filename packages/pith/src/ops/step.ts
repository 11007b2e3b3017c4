/**
 * The unit step that gradients of ReLU and its kin multiply dy with: 1 where x > 0, else 0, as a number of x's type. A hard sigmoid with
 * the largest finite slope is that step in one pass, on all threads. ONNX Runtime 1.30 CPU, float32 [64,16,32,32], step and product with
 * dy, one and two threads of two cores: 2.1 and 2.2 ms; Mul(dy, Cast(Cast(x, bool))) where x ≥ 0: 2.3 and 2.3; Mul(dy, Cast(Greater(x, 0))):
 * 2.4 and 2.7; Where(Greater(x, 0), dy, 0): 3.3 and 3.3; Mul(dy, Sign(x)) where x ≥ 0: 3.9 and more; the product alone: 1.5.
 * Denormal x below 1 / slope gives a fraction instead of 1.
 */
import type { Builder } from '../graph/builder.js';
import type { Value } from '../graph/value.js';

export function step(op: Builder, x: Value): Value {
  if (x.dtype === 'float32') return op.HardSigmoid(x, 3e38, 0);
  // ONNX Runtime has no hard sigmoid of doubles.
  return op.Cast(op.Greater(x, op.scalar(0, x.dtype)), x.dtype);
}
