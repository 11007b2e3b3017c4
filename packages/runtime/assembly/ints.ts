/** Stands in for src/codec/mix/ints.ts where the models are compiled to WebAssembly: integers of the machine, arrays without bounds. */
export type int = i32;
export type float = f64;
export type ints = StaticArray<i32>;

export function newInts(length: i32): StaticArray<i32> {
  return new StaticArray<i32>(length);
}

export function leadingZeros(value: i32): i32 {
  return clz<i32>(value);
}

export function toInt(value: f64): i32 {
  return <i32>value;
}
