/** What the WebAssembly of the engine exports: src/codec/engine/core.ts, and where its arrays are. */
import { Core } from '../src/codec/engine/core';

const core = new Core();

export function input(count: i32): usize {
  core.room(count);
  return changetype<usize>(core.input);
}

export function slab(): usize {
  return changetype<usize>(core.slab);
}

export function other(): usize {
  return changetype<usize>(core.other);
}

export function hash(from: i32, count: i32): void {
  core.hash(from, count);
}

export function open(at: i32, end: i32): void {
  core.open(at, end);
}

export function at(): i32 {
  return core.at();
}

export function have(): i32 {
  return core.have();
}

export function take(width: i32): i32 {
  return core.take(width);
}

export function gamma(): i32 {
  return core.gamma();
}

export function fields(width: i32, count: i32): i32 {
  return core.fields(width, count);
}

export function huffmanTable(alphabet: i32): i32 {
  return core.huffmanTable(alphabet);
}

export function huffmanOnly(): i32 {
  return core.huffmanOnly();
}

export function huffmanLeast(): i32 {
  return core.huffmanLeast();
}

export function huffmanRead(count: i32): i32 {
  return core.huffmanRead(count);
}

export function ransSpread(symbol: i32, frequency: i32, slot: i32): i32 {
  return core.ransSpread(symbol, frequency, slot);
}

export function ransBegin(from: i32): void {
  core.ransBegin(from);
}

export function ransEnded(): i32 {
  return core.ransEnded();
}

export function ransRead(from: i32, end: i32, count: i32, scale: i32): i32 {
  return core.ransRead(from, end, count, scale);
}

export function gapsStart(): void {
  core.gapsStart();
}

export function gapsExpand(count: i32, greatest: i32, size: f64, less: i32): i32 {
  return core.gapsExpand(count, greatest, size, less);
}

export function gapsFiller(): i32 {
  return core.gapsFiller();
}

export function isPrimed(): i32 {
  return core.isPrimed();
}

export function prime(knots: i32, count: i32): void {
  core.prime(knots, count);
}

export function textStart(at: i32, end: i32): void {
  core.textStart(at, end);
}

export function textRead(count: i32): void {
  core.textRead(count);
}

export function textAt(): i32 {
  return core.textAt();
}
