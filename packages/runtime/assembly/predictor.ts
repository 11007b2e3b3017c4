/** Stands in for src/codec/mix/predictor.ts: the same filter, four entries at a time. */
import { newInts } from '../src/codec/mix/ints';

const taps: i32 = 8;
const mostError: i32 = 65535;

export class Predictor {
  private readonly weights: StaticArray<i32>;
  private readonly window: StaticArray<i32> = newInts(taps);
  private prediction: i32 = 0;

  constructor(positions: i32) {
    this.weights = newInts(taps * positions);
  }

  restart(): void {
    this.window.fill(0);
  }

  @inline
  predict(position: i32): i32 {
    const window = changetype<usize>(this.window);
    const weights = changetype<usize>(this.weights) + ((<usize>position) << 5);
    const far = i32x4.mul(v128.load(window), v128.load(weights));
    this.prediction = total(i32x4.add(far, i32x4.mul(v128.load(window, 16), v128.load(weights, 16)))) >> 8;
    return this.prediction;
  }

  @inline
  correct(position: i32, value: i32): void {
    const window = changetype<usize>(this.window);
    const weights = changetype<usize>(this.weights) + ((<usize>position) << 5);
    const far = v128.load(window);
    const near = v128.load(window, 16);
    v128.store(window, i32x4.shuffle(far, near, 1, 2, 3, 4));
    v128.store(window, i32x4.shuffle(near, i32x4.splat(value), 1, 2, 3, 4), 16);
    const energy = total(i32x4.add(i32x4.mul(far, far), i32x4.mul(near, near)));
    if (energy === 0) return;
    const scale = 32 - clz<i32>(energy);
    const half = i32x4.splat((1 << scale) >> 1);
    const error = i32x4.splat(2 * min(max((value << 8) - this.prediction, -mostError), mostError));
    v128.store(weights, i32x4.add(v128.load(weights), i32x4.shr_s(i32x4.add(i32x4.mul(error, far), half), scale)));
    v128.store(weights, i32x4.add(v128.load(weights, 16), i32x4.shr_s(i32x4.add(i32x4.mul(error, near), half), scale)), 16);
  }
}

function total(lanes: v128): i32 {
  const pairs = i32x4.add(lanes, i32x4.shuffle(lanes, lanes, 2, 3, 0, 1));
  return i32x4.extract_lane(pairs, 0) + i32x4.extract_lane(pairs, 1);
}
