/** A model from wherever it is: a path or bytes of an ONNX or .pith file, recognised by its first bytes, or a model in memory. */
import { basename } from 'node:path';
import { asDense, type PithReport, PithStream, toModel } from 'pith-runtime';
import { PithError } from '../base/errors.js';
import { sha256 } from '../base/hash.js';
import { checkOption } from '../base/options.js';
import type { Model } from '../base/tensor.js';
import { checkModel } from '../onnx/check.js';
import { modelFromFile, readWhole } from '../onnx/file.js';
import { readOnnx } from '../onnx/read.js';
import { writeOnnx } from '../onnx/write.js';
import { generous } from './limits.js';

export type ModelSource = string | Uint8Array | Model;

export interface OpenedModel {
  readonly model: Model;
  readonly format: 'onnx' | 'pith';
  /** SHA-256 of the file, or of the model written as ONNX. */
  readonly hash: string;
  /** Of the file, its external data included; for a model in memory, as ONNX. */
  readonly bytes: number;
  /** The name of the network where its metadata say it, else of the file. */
  readonly name: string;
  /** Of a .pith file: where its bytes are, and what it says of itself. */
  readonly pith?: { readonly report: PithReport; readonly metadata: ReadonlyMap<string, string>; readonly file: Uint8Array };
}

/** That of ONNX; a .pith file is smaller than its model. */
const largestFile = 2 ** 31 - 1;

const signature = [0x89, 0x50, 0x54, 0x48];

/** Throws `input.file`, `input.onnx-*`, `input.pith-*` and what checkModel throws, each with the path where there is one. */
export async function openModel(source: ModelSource, option = 'model'): Promise<OpenedModel> {
  if (source instanceof Uint8Array) return fromBytes(source, 'model');
  if (typeof source !== 'string') {
    checkOption(option, 'a path, the bytes of a file, or a model', source, Boolean((source as Model | undefined)?.graph));
    return fromModel(source);
  }
  const bytes = readWhole(source, largestFile);
  try {
    if (isPith(bytes)) return fromBytes(bytes, basename(source));
    if (source.endsWith('.pith')) throw notPith(bytes);
    const hash = sha256(bytes);
    const size = bytes.length;
    const model = modelFromFile(source, bytes); // with external data beside it
    checkModel(model);
    return { model, format: 'onnx', hash, bytes: withExternal(size, model), name: nameOf(model, basename(source)) };
  } catch (error) {
    throw error instanceof PithError ? error.within({ file: source }) : error;
  }
}

/** A file that is smaller than the tensors of its model keeps them beside it. */
function withExternal(fileBytes: number, { graph }: Model): number {
  let tensors = 0;
  for (const { data } of graph.initializers.values()) tensors += data.byteLength;
  return fileBytes >= tensors ? fileBytes : fileBytes + tensors;
}

/** What `body` throws names the file of the model, where it has one. */
export async function inModel<T>(source: ModelSource, body: () => T | Promise<T>): Promise<T> {
  try {
    return await body();
  } catch (error) {
    throw error instanceof PithError && typeof source === 'string' ? error.within({ file: source }) : error;
  }
}

/** A file that says it is a .pith file is not looked at as ONNX, whose errors would lead astray. */
const notPith = (bytes: Uint8Array): PithError =>
  new PithError('input.pith-magic', {
    at: { byte: 0 },
    expected: `a .pith file, which begins with ${hex(Uint8Array.from(signature))}`,
    got: bytes.length === 0 ? 'an empty file' : hex(bytes.subarray(0, signature.length)),
    fix: 'fetch the file again; if it is an ONNX model, name it .onnx',
  });

const hex = (bytes: Uint8Array): string => Array.from(bytes, (b) => b.toString(16).padStart(2, '0')).join(' ');

const isPith = (bytes: Uint8Array): boolean => signature.every((b, i) => bytes[i] === b);

function fromBytes(bytes: Uint8Array, name: string): OpenedModel {
  const hash = sha256(bytes);
  if (!isPith(bytes)) {
    const model = readOnnx(bytes);
    checkModel(model);
    return { model, format: 'onnx', hash, bytes: bytes.length, name: nameOf(model, name) };
  }
  const stream = new PithStream({ limits: generous, hold: asDense });
  stream.push(bytes);
  const file = stream.end();
  const model = toModel(file);
  return {
    model,
    format: 'pith',
    hash,
    bytes: bytes.length,
    name: nameOf(model, name),
    pith: { report: file.report, metadata: file.metadata, file: bytes },
  };
}

function fromModel(model: Model): OpenedModel {
  checkModel(model);
  const bytes = writeOnnx(model);
  return { model, format: 'onnx', hash: sha256(bytes), bytes: bytes.length, name: nameOf(model, 'model') };
}

const nameOf = (model: Model, file: string): string => model.metadata.get('pith.network') ?? file.replace(/\.(onnx|pith)$/, '');
