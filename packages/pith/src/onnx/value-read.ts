/** ValueInfoProto and TypeProto to plain data. Types other than tensors of a known element type are kept as they came. */

import { dimField, shapeField, tensorTypeField, typeField, valueField } from 'pith-runtime/onnx';
import { type Dim, dtypeOfOnnx, type ValueInfo } from '../base/tensor.js';
import type { WireReader } from './wire-read.js';

/** Reads the ValueInfoProto that comes next. */
export function readValueInfo(r: WireReader): ValueInfo {
  r.count(128);
  let name = '';
  let type: Omit<ValueInfo, 'name'> = { dtype: null, dims: null };
  r.message((field) => {
    if (field === valueField.name) name = r.string();
    else if (field === valueField.type) type = readType(r);
    else r.skip();
  });
  return { name, ...type };
}

function readType(r: WireReader): Omit<ValueInfo, 'name'> {
  const to = r.stop();
  const from = r.pos;
  let code = 0;
  let other = false;
  let dims: Dim[] | null = null;
  r.again(from, to, (field) => {
    if (field === typeField.tensor)
      r.message((part) => {
        if (part === tensorTypeField.elementType) code = r.natural();
        else if (part === tensorTypeField.shape) dims = readShape(r);
        else r.skip();
      });
    else {
      other ||= Object.values(typeField).includes(field as typeof typeField.tensor);
      r.skip();
    }
  });
  r.pos = to;
  const dtype = dtypeOfOnnx(code) ?? null;
  if (dtype && !other) return { dtype, dims };
  if (code === 0 && !other) return { dtype: null, dims };
  return { dtype: null, dims, opaqueType: r.bytes.subarray(from, to) };
}

/** A dimension of −1 is what some exporters write for an unknown one. */
function readShape(r: WireReader): Dim[] {
  const dims: Dim[] = [];
  r.message((field) => {
    if (field !== shapeField.dim) return r.skip();
    r.count(16);
    let dim: Dim = null;
    r.message((part) => {
      if (part === dimField.param) dim = r.string() || null;
      else if (part === dimField.value) {
        const value = r.int();
        if (value === -1) dim = null;
        else if (typeof value === 'bigint' || value < 0) r.fail('input.shape', 'a dimension of 0 or more', String(value));
        else dim = value;
      } else r.skip();
    });
    dims.push(dim);
  });
  return dims;
}
