/** Inputs of samples that are integer constants: shapes, axes, pads, and indices. */
import type { CaseInput } from './case.js';

/** A constant int64 vector. */
export const ints = (...values: readonly number[]): CaseInput => ({ dims: [values.length], dtype: 'int64', values, constant: true });

/** A constant int64 scalar. */
export const int = (value: number): CaseInput => ({ dims: [], dtype: 'int64', values: [value], constant: true });

/** Indices of a given shape that are an input, not a constant. */
export const index = (dims: readonly number[], ...values: readonly number[]): CaseInput => ({ dims, dtype: 'int64', values });
