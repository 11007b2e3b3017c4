/** Tensors whose data lie outside the ONNX file. What a place means is decided by a resolver; here is what the file says of it. */

import { tensorField as T, WireWriter } from 'pith-runtime/onnx';
import type { ErrorCode } from '../base/errors.js';

/** Where the bytes of a tensor lie outside the ONNX file. `location` is untrusted text: a resolver decides what it may mean. */
interface ExternalData {
  readonly location: string;
  readonly offset: number;
  /** Bytes: what the tensor's type and shape take. */
  readonly length: number;
}

/** Gives exactly `length` bytes, or throws. Only a resolver ever touches a path. */
export type ExternalResolver = (data: ExternalData) => Uint8Array;

/** What reading tensors needs beside the wire. */
export interface TensorContext {
  readonly external: ExternalResolver | undefined;
  /** Bytes of external data that may still be copied because they are not aligned, or go into a proto. */
  readonly copies: { left: number };
  /** Nobody else looks at the file: data may be moved in it. */
  readonly owned: boolean;
}

/** What the reader of a TensorProto knows of it. */
interface ExternalHeader {
  readonly from: number;
  readonly name: string;
  readonly type: number;
  readonly dataField: number;
  readonly dataAt: number;
  readonly external: ReadonlyMap<string, string>;
}

export type Fail = (code: ErrorCode, expected: string, got: string, byte: number, fix?: string) => never;

const dataNames = new Map<number, string>([
  [T.floatData, 'float_data'],
  [T.int32Data, 'int32_data'],
  [T.stringData, 'string_data'],
  [T.int64Data, 'int64_data'],
  [T.doubleData, 'double_data'],
  [T.uint64Data, 'uint64_data'],
  [T.rawData, 'raw_data'],
]);

/** The name of a field of data, for messages. */
export const nameOfField = (field: number): string => dataNames.get(field) ?? 'no field';

/** A whole number among the entries of external data. */
function entryOf(h: ExternalHeader, key: string, fail: Fail): number | undefined {
  const text = h.external.get(key);
  if (text === undefined) return undefined;
  const value = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
  return Number.isSafeInteger(value)
    ? value
    : fail('input.external-data', `a whole number of bytes as ${key}`, JSON.stringify(text), h.from);
}

export function externalBytes(h: ExternalHeader, bytes: number, wide: number, context: TensorContext, fail: Fail): Uint8Array {
  if (h.dataField !== 0) fail('input.tensor-data', 'no data beside external data', nameOfField(h.dataField), h.dataAt);
  const location = h.external.get('location') ?? '';
  if (location === '') fail('input.external-data', 'a location of the external data', 'none', h.from);
  const offset = entryOf(h, 'offset', fail) ?? 0;
  const length = entryOf(h, 'length', fail) ?? bytes;
  if (length !== bytes) fail('input.tensor-size', `${bytes} bytes of external data`, `a length of ${length}`, h.from);
  if (!context.external)
    fail('input.external-data', 'all data in one file', `data in "${location}"`, h.from, 'load the model by its path, or give a resolver');
  if (bytes === 0) return new Uint8Array();
  const found = context.external({ location, offset, length });
  if (found.length !== bytes) fail('input.external-data', `${bytes} bytes from the resolver`, `${found.length}`, h.from);
  if (found.byteOffset % wide !== 0) {
    context.copies.left -= bytes;
    if (context.copies.left < 0) fail('limit.external', 'less external data that is not aligned', `${bytes} bytes more`, h.from);
  }
  return new Uint8Array(found.buffer, found.byteOffset, found.byteLength);
}

/** The proto of a tensor that is kept as it came, its external data within. */
export function withData(h: ExternalHeader, dims: readonly number[], context: TensorContext, fail: Fail): Uint8Array {
  const length = entryOf(h, 'length', fail) ?? fail('input.external-data', 'the length of the external data', 'none', h.from);
  context.copies.left -= length;
  if (context.copies.left < 0) fail('limit.external', 'less external data of such a type', `${length} bytes more`, h.from);
  const data = externalBytes(h, length, 1, context, fail);
  const w = new WireWriter();
  w.ints(T.dims, dims);
  w.int(T.dataType, h.type);
  w.text(T.name, h.name);
  w.blob(T.rawData, data);
  return w.joined();
}
