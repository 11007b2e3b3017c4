/**
 * TensorProto to Tensor. Declared before allocated: dims, type and the number of values in the file must agree before an array is made.
 * raw_data and external data become views where they are aligned; where not, they are moved to where they are (in a file that nobody else
 * looks at) or copied once. Typed fields (float_data, int32_data holding float16 …) are decoded into one array. Types that pith has no
 * array for keep their TensorProto as it came.
 */

import { entryField, tensorField as T, wireType } from 'pith-runtime/onnx';
import { byteSize, type DType, dtypeOfOnnx, dtypes, sizeOf, type Tensor, viewAs } from '../base/tensor.js';
import { externalBytes, type Fail, nameOfField, type TensorContext, withData } from './external-data.js';
import type { WireReader } from './wire-read.js';

export interface NamedTensor {
  readonly name: string;
  /** undefined: of a type that pith has no array for. */
  readonly tensor: Tensor | undefined;
  /** The TensorProto as it came. */
  readonly proto: Uint8Array;
}

const maxRank = 64;

/** The field of typed data of each element type; int32_data for those that are not here. */
const typedFields = new Map<DType, number>([
  ['float32', T.floatData],
  ['float64', T.doubleData],
  ['int64', T.int64Data],
  ['uint32', T.uint64Data],
  ['uint64', T.uint64Data],
]);

/** Bytes of one value on the wire; 0 for varints. */
const wireWidth = (field: number): number => (field === T.floatData ? 4 : field === T.doubleData ? 8 : 0);

interface Header {
  readonly from: number;
  readonly to: number;
  name: string;
  type: number;
  readonly dims: (number | bigint)[];
  /** Offset of the last dims field, or of the tensor. */
  dimsAt: number;
  /** Which field holds the data (0: none), where it begins, and the number of values that it holds (bytes for raw_data). */
  dataField: number;
  dataAt: number;
  count: number;
  raw: Uint8Array | undefined;
  /** The last packed run of float_data or double_data. */
  run: Uint8Array | undefined;
  isExternal: boolean;
  readonly external: Map<string, string>;
}

/**
 * Reads the TensorProto that comes next.
 * Throws `input.tensor-shape`, `input.tensor-type`, `input.tensor-size`, `input.tensor-data`, `input.tensor-value`,
 * `input.external-data`, `unsupported.tensor`, `limit.shape`, `limit.rank`, `limit.external`.
 */
export function readTensor(r: WireReader, context: TensorContext): NamedTensor {
  const header = readHeader(r);
  const { from, to, name, type, dimsAt } = header;
  const fail: Fail = (code, expected, got, byte, fix) =>
    r.fail(code, expected, got, { at: { byte, tensor: name }, ...(fix === undefined ? {} : { fix }) });
  r.pos = to;

  const dims = checkDims(header.dims, dimsAt, fail);
  if (type === 0) fail('input.tensor-type', 'an element type', 'none', from);
  const dtype = dtypeOfOnnx(type);
  const proto = r.bytes.subarray(from, to);
  if (!dtype) return { name, tensor: undefined, proto: header.isExternal ? withData(header, dims, context, fail) : proto };

  const bytes = byteSize(dtype, dims);
  const data = header.isExternal
    ? externalBytes(header, bytes, dtypes[dtype].wide, context, fail)
    : header.raw
      ? rawBytes(header, dtype, dims, { bytes, owned: context.owned }, fail)
      : typedBytes(r, header, dtype, dims, bytes, fail);
  if (dtype === 'bool') {
    const at = data.findIndex((b) => b > 1);
    if (at >= 0) fail('input.tensor-value', '0 or 1', `${data[at]} at element ${at}`, header.dataAt);
  }
  return { name, tensor: { dtype, dims, data: viewAs(dtype, data) }, proto };
}

function readHeader(r: WireReader): Header {
  r.count(256);
  const to = r.stop();
  const from = r.pos;
  const h: Header = {
    from,
    to,
    name: '',
    type: 0,
    dims: [],
    dimsAt: from,
    dataField: 0,
    dataAt: from,
    count: 0,
    raw: undefined,
    run: undefined,
    isExternal: false,
    external: new Map(),
  };
  r.again(from, to, (field) => {
    switch (field) {
      case T.dims:
        h.dimsAt = r.tagAt;
        r.ints((d) => {
          if (h.dims.push(d) > maxRank) r.fail('limit.rank', `a tensor of at most ${maxRank} dimensions`, 'more');
        });
        break;
      case T.dataType:
        h.type = r.natural();
        break;
      case T.name:
        h.name = r.string();
        break;
      case T.segment:
        return r.fail('unsupported.tensor', 'a tensor in one piece', 'a segment of one');
      case T.rawData:
      case T.floatData:
      case T.int32Data:
      case T.int64Data:
      case T.doubleData:
      case T.uint64Data:
      case T.stringData:
        return readData(r, field, h);
      case T.externalData: {
        let key = '';
        let value = '';
        r.message((part) => {
          if (part === entryField.key) key = r.string();
          else if (part === entryField.value) value = r.string();
          else r.skip();
        });
        h.external.set(key, value);
        break;
      }
      case T.dataLocation:
        h.isExternal = r.natural() === 1;
        break;
      default:
        r.skip();
    }
  });
  return h;
}

/** Notes where data stands and counts its values, without decoding them. */
function readData(r: WireReader, field: number, h: Header): void {
  const at = r.tagAt;
  if (h.dataField !== 0 && (h.dataField !== field || field === T.rawData))
    r.malformed('the data of a tensor in one field', `${nameOfField(h.dataField)} and ${nameOfField(field)}`);
  if (h.dataField === 0) h.dataAt = at;
  h.dataField = field;
  if (field === T.rawData) {
    h.raw = r.blob();
    h.count = h.raw.length;
    return;
  }
  const width = wireWidth(field);
  const wire = width === 4 ? wireType.fixed32 : width === 8 ? wireType.fixed64 : wireType.varint;
  if (field === T.stringData || r.wire !== wireType.bytes) {
    if (field !== T.stringData && r.wire !== wire) r.malformed(`numbers in ${nameOfField(field)}`, `wire type ${r.wire}`);
    h.count++;
    r.skip();
    return;
  }
  const run = r.blob();
  if (width > 0) {
    if (run.length % width) r.malformed(`a multiple of ${width} bytes in ${nameOfField(field)}`, `${run.length}`);
    h.run = run;
    h.count += run.length / width;
  } else for (let i = 0; i < run.length; i++) if (run[i]! < 0x80) h.count++;
}

function checkDims(given: readonly (number | bigint)[], byte: number, fail: Fail): number[] {
  const dims = given.map((d) => {
    if (d < 0) fail('input.tensor-shape', 'dimensions of 0 or more', `[${given}]`, byte);
    return Number(d);
  });
  if (dims.reduce((product, d) => product * (d || 1), 1) >= 2 ** 49) fail('limit.shape', 'fewer than 2^49 elements', `[${given}]`, byte);
  return dims;
}

const describe = (dtype: DType, dims: readonly number[]): string => `${dtype}[${dims}]`;

function rawBytes(
  h: Header,
  dtype: DType,
  dims: readonly number[],
  { bytes, owned }: { readonly bytes: number; readonly owned: boolean },
  fail: Fail,
): Uint8Array {
  const raw = h.raw!;
  if (raw.length !== bytes)
    fail('input.tensor-size', `${bytes} bytes of raw_data for ${describe(dtype, dims)}`, `${raw.length} bytes`, h.dataAt);
  const shift = raw.byteOffset % dtypes[dtype].wide;
  return owned && shift <= tagBytes && raw.length >= leastMoved ? movedBack(raw, shift) : raw;
}

/** Before raw_data of at least 128 bytes stand a tag of one byte and a length of at least two, which have been read. */
const tagBytes = 3;
const leastMoved = 128;

function movedBack(raw: Uint8Array, shift: number): Uint8Array {
  const around = new Uint8Array(raw.buffer, raw.byteOffset - shift, raw.length + shift);
  around.copyWithin(0, shift);
  return around.subarray(0, raw.length);
}

/** Decodes a typed field into bytes of the tensor's own type. */
function typedBytes(r: WireReader, h: Header, dtype: DType, dims: readonly number[], bytes: number, fail: Fail): Uint8Array {
  const field = typedFields.get(dtype) ?? T.int32Data;
  if (h.dataField !== 0 && h.dataField !== field)
    fail('input.tensor-data', `${dtype} in ${nameOfField(field)} or raw_data`, `${nameOfField(h.dataField)}`, h.dataAt);
  const { bits, wide } = dtypes[dtype];
  const values = bits < 8 ? bytes : sizeOf(dims);
  if (h.count !== values)
    fail('input.tensor-size', `${values} values for ${describe(dtype, dims)}`, `${h.count} in ${nameOfField(field)}`, h.dataAt);
  if (h.run?.length === bytes) return h.run;
  const out = new Uint8Array(bytes);
  const words = wide === 8 ? new Uint32Array(out.buffer) : undefined;
  const narrow = wide === 4 ? new Uint32Array(out.buffer) : wide === 2 ? new Uint16Array(out.buffer) : out;
  const low = -(2 ** (wide * 8 - 1));
  const high = 2 ** (wide * 8);
  const width = wireWidth(field);
  let filled = 0;
  let i = 0;
  const put = (): void => {
    const value = r.low | 0;
    if (words) {
      words[2 * i] = r.low;
      words[2 * i + 1] = r.high;
    } else if (field === T.uint64Data ? r.high !== 0 : wide < 4 && (value < low || value >= high))
      fail('input.tensor-value', `a value of ${dtype}`, `${r.signed()} at element ${i}`, r.tagAt);
    else narrow[i] = r.low;
    i++;
  };
  r.again(h.from, h.to, (tag) => {
    if (tag !== field) r.skip();
    else if (width > 0) {
      const run = r.wire === wireType.bytes ? r.blob() : r.take(width);
      out.set(run, filled);
      filled += run.length;
    } else if (r.wire === wireType.bytes)
      r.packed(() => {
        r.readVarint();
        put();
      });
    else {
      r.skip();
      put();
    }
  });
  return out;
}
