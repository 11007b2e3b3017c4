/** Stands in for src/codec/mix/predictor.ts: the same filter, four entries at a time. */
import { newInts } from '../src/codec/mix/ints';

export const taps: i32 = 8;
const mostError: i32 = 65535;

export class Predictor {
  private readonly weights: StaticArray<i32>;
  private prediction: i32 = 0;

  constructor(positions: i32) {
    this.weights = newInts(taps * positions);
  }

  @inline
  predict(entries: StaticArray<i32>, here: i32, position: i32): i32 {
    const at = changetype<usize>(entries) + ((<usize>(here - taps)) << 2);
    const weights = changetype<usize>(this.weights) + ((<usize>position) << 5);
    const sum = i32x4.add(i32x4.mul(v128.load(at), v128.load(weights)), i32x4.mul(v128.load(at, 16), v128.load(weights, 16)));
    this.prediction = total(sum) >> 8;
    return this.prediction;
  }

  @inline
  correct(entries: StaticArray<i32>, here: i32, position: i32, value: i32): void {
    const at = changetype<usize>(entries) + ((<usize>(here - taps)) << 2);
    const weights = changetype<usize>(this.weights) + ((<usize>position) << 5);
    const far = v128.load(at);
    const near = v128.load(at, 16);
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
