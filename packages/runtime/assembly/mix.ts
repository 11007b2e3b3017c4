/** What the WebAssembly exports: the models over one coder, a slab for entries and a window for coded bytes. One instance codes one section. */
import { newInts } from '../src/codec/mix/ints';
import { Models } from '../src/codec/mix/models';
import { BinaryCoder } from '../src/codec/range';

const slabLength: i32 = 16384;
const coder = new BinaryCoder();
const models = new Models(coder);
const entries = newInts(slabLength);

export function slab(): usize {
  return changetype<usize>(entries);
}

export function window(): usize {
  return changetype<usize>(coder.window);
}

/** Makes this instance a decoder. */
export function decode(): void {
  coder.decode();
}

export function number(value: i32, slot: i32): i32 {
  return models.number(value, slot);
}

export function start(kind: i32, a: i32, b: i32, c: i32): void {
  models.start(kind, a, b, c);
}

export function code(count: i32): void {
  models.code(entries, count);
}

export function shifted(): f64 {
  return coder.shifted;
}

export function range(): f64 {
  return coder.range;
}

export function unread(): i32 {
  return coder.unread();
}

export function finish(): void {
  coder.finish();
}
