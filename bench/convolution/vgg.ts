/**
 * VGG-16 (Simonyan and Zisserman, 2015, configuration D) as shapes, and the memory that its weights and activations take in float32: when it
 * is evaluated, and when it is trained by stochastic gradient descent with momentum.
 */
export interface VggLayer {
  readonly name: string;
  readonly kind: 'conv' | 'pool' | 'linear';
  /** Input and output channels, or numbers. */
  readonly from: number;
  readonly to: number;
  /** Rows and columns of the output; 1 of a vector. */
  readonly size: number;
}

const stages = [
  [64, 2],
  [128, 2],
  [256, 3],
  [512, 3],
  [512, 3],
] as const;

function layersOf(): VggLayer[] {
  const layers: VggLayer[] = [];
  let [channels, size] = [3, 224];
  stages.forEach(([width, count], stage) => {
    for (let i = 1; i <= count; i++) {
      layers.push({ name: `conv${stage + 1}_${i}`, kind: 'conv', from: channels, to: width, size });
      channels = width;
    }
    size /= 2;
    layers.push({ name: `pool${stage + 1}`, kind: 'pool', from: width, to: width, size });
  });
  let inputs = channels * size * size;
  for (const [name, to] of [
    ['fc6', 4096],
    ['fc7', 4096],
    ['fc8', 1000],
  ] as const) {
    layers.push({ name, kind: 'linear', from: inputs, to, size: 1 });
    inputs = to;
  }
  return layers;
}

export const vgg16: readonly VggLayer[] = layersOf();

/** Without biases. */
export const weightBytes = ({ kind, from, to }: VggLayer): number => (kind === 'pool' ? 0 : 4 * from * to * (kind === 'conv' ? 9 : 1));
/** Of the output, for one picture; what follows in place (ReLU) is not counted again. */
export const activationBytes = ({ to, size }: VggLayer): number => 4 * to * size * size;

export interface MemoryUse {
  readonly weights: number;
  readonly activations: number;
}

const sum = (of: (layer: VggLayer) => number): number => vgg16.reduce((total, layer) => total + of(layer), 0);
const inputBytes = 4 * 3 * 224 * 224;

/** What must be held at once: all weights, and the input and the output of one layer. */
export function evaluationMemory(batch: number): MemoryUse {
  const outputs = [inputBytes, ...vgg16.map(activationBytes)];
  const pairs = outputs.slice(1).map((bytes, i) => bytes + outputs[i]!);
  return { weights: sum(weightBytes), activations: batch * Math.max(...pairs) };
}

/** Each weight with its gradient and its momentum; all activations, which the backward pass reads, each with its gradient. */
export function trainingMemory(batch: number): MemoryUse {
  return { weights: 3 * sum(weightBytes), activations: batch * (inputBytes + 2 * sum(activationBytes)) };
}
