/** Stands in for src/codec/mix/ints.ts where the models are compiled to WebAssembly: integers of the machine, arrays without bounds. */
export type int = i32;
export type float = f64;
export type long = i64;
export type ints = StaticArray<i32>;
export type bytes = StaticArray<u8>;

/** Memory is never given back here, so what is handed out is zeros already: it is not filled, and what is not used is not touched. */
export function newInts(length: i32): StaticArray<i32> {
  return changetype<StaticArray<i32>>(__new((<usize>length) << 2, idof<StaticArray<i32>>()));
}

export function newBytes(length: i32): StaticArray<u8> {
  return changetype<StaticArray<u8>>(__new(<usize>length, idof<StaticArray<u8>>()));
}

export function byteAt(from: StaticArray<u8>, index: i32): i32 {
  return <i32>from[index];
}

export function leadingZeros(value: i32): i32 {
  return clz<i32>(value);
}

export function toInt(value: f64): i32 {
  return <i32>(<i64>value);
}

export function toFloat(value: i32): f64 {
  return <f64>value;
}

export function product(a: i32, b: i32): i32 {
  return a * b;
}

export function times(a: i32, b: i32): i64 {
  return <i64>a * <i64>b;
}

export function by65536(value: i64): i32 {
  return <i32>(value >> 16);
}

export function copyInts(to: StaticArray<i32>, from: StaticArray<i32>): void {
  memory.copy(changetype<usize>(to), changetype<usize>(from), (<usize>from.length) << 2);
}

export function roomFor(length: i32): i32 {
  return length <= 1 ? 1 : 1 << (32 - clz<i32>(length - 1));
}
