/** Kinds of array that the models code, as those who call them say it. */
import type { int } from './ints.js';

export const ofLevels: int = 0;
export const ofMask: int = 1;
export const ofSymbols: int = 2;
export const ofFloats: int = 3;
export const ofBytes: int = 4;
export const ofScarce: int = 5;
