/** What runs the models: the TypeScript they are written in, or the WebAssembly that is made of it. Both give the same bytes. */
import { RangeDecoder, RangeEncoder } from '../range.js';
import { Models } from './models.js';

/** Entries that go through a kernel at a time. */
export const slabLength = 16384;

export interface Kernel {
  /** Where entries are handed in and out. */
  readonly slab: Int32Array;
  number(value: number, slot: number): number;
  start(kind: number, a: number, b: number, c: number): void;
  /** Codes the first `count` entries of the slab. */
  code(count: number): void;
  position(): number;
  finish(): Uint8Array;
  end(): void;
}

/** The models in TypeScript. */
function twin(coder: RangeEncoder | RangeDecoder): Kernel {
  const models = new Models(coder);
  const slab = new Int32Array(slabLength);
  return {
    slab,
    number: (value, slot) => models.number(value, slot),
    start: (kind, a, b, c) => models.start(kind, a, b, c),
    code: (count) => models.code(slab, count),
    position: () => coder.position(),
    finish: () => (coder as RangeEncoder).finish(),
    end: () => (coder as RangeDecoder).end(),
  };
}

export const encodingKernel = (): Kernel => twin(new RangeEncoder());
export const decodingKernel = (bytes: Uint8Array): Kernel => twin(new RangeDecoder(bytes));
