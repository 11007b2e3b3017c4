/** Writes a .pith file. FORMAT.md is the specification. */
import { ByteWriter } from '../codec/bytes.js';
import { PithError } from '../errors.js';
import type { Model } from '../model.js';
import { byteSize } from '../tensor.js';
import { nameOf, type Section, sectionKinds, writeContainer, writeWords } from './container.js';
import type { Declaration } from './fields.js';
import { inOrderOfUse, writeGraphSection } from './graph.js';
import type { PithReport, TensorSize } from './sizes.js';
import { bitsOf, checkStored, dimsOfStored, dtypeOfStored, type StoredTensor } from './stored.js';
import { writeTensorRecord } from './tensors.js';

export interface WritePithOptions {
  /** Its initializers hold the tensors that are not in `stored`. */
  readonly model: Model;
  /** By the name of the initializer. It goes before an initializer of the model with the same name. */
  readonly stored?: ReadonlyMap<string, StoredTensor>;
  /** Recipe, seed, hash of the source, licence …: any words. */
  readonly metadata?: ReadonlyMap<string, string>;
}

export interface WrittenPith {
  readonly bytes: Uint8Array;
  readonly report: PithReport;
}

/** A tensors section ends with the tensor that makes its dense form larger than this, so that a reader can check and decode in pieces. */
const denseBytesOfSection = 4 << 20;

const optionNames = ['model', 'stored', 'metadata'];

/** Throws `usage.stored` or `usage.option` for what does not fit together, `input.graph-order` for a graph that is not sorted. */
export function writePith(options: WritePithOptions): WrittenPith {
  for (const key of Object.keys(options))
    if (!optionNames.includes(key))
      throw new PithError('usage.option', { at: { option: key }, expected: `one of ${optionNames.join(', ')}`, got: key });
  const { model, stored = new Map(), metadata = new Map() } = options;
  const tensors = gather(model, stored);
  const declared = tensors.map(({ declared }) => declared);

  const sections: Section[] = [];
  let decodedBytes = declared.reduce((sum, { dtype, dims }) => sum + byteSize(dtype, dims), 0);
  const addWords = (kind: number, bytes: Uint8Array): void => {
    decodedBytes += bytes.length;
    sections.push({ kind, bytes: writeWords(bytes) });
  };
  if (metadata.size > 0) addWords(sectionKinds.metadata, metadataBytes(metadata));
  const graph = new ByteWriter();
  writeGraphSection(graph, model, declared);
  addWords(sectionKinds.graph, graph.done());

  const sizes: TensorSize[] = [];
  let section = new ByteWriter();
  let dense = 0;
  const close = (): void => {
    if (section.length > 0) sections.push({ kind: sectionKinds.tensors, bytes: section.done() });
    section = new ByteWriter();
    dense = 0;
  };
  for (const tensor of tensors) {
    const size = writeTensorRecord(section, tensor.declared, tensor.stored);
    sizes.push(size);
    dense += size.denseBytes;
    if (dense > denseBytesOfSection) close();
  }
  close();

  const bytes = writeContainer(decodedBytes, sections);
  return { bytes, report: reportOf(bytes.length, sections, sizes) };
}

export function reportOf(fileBytes: number, sections: readonly Section[], tensors: readonly TensorSize[]): PithReport {
  const parts = sections.map(({ kind, bytes }) => ({ kind: nameOf(kind), bytes: bytes.length }));
  const header = fileBytes - parts.reduce((sum, part) => sum + part.bytes, 0);
  return { bytes: fileBytes, sections: [{ kind: 'header', bytes: header }, ...parts], tensors };
}

interface Gathered {
  readonly declared: Declaration;
  readonly stored: StoredTensor;
}

/** All tensors in the order in which they are decoded: that in which the graph first reads them. */
function gather(model: Model, stored: ReadonlyMap<string, StoredTensor>): Gathered[] {
  const names = inOrderOfUse(model.graph, new Set([...model.graph.initializers.keys(), ...stored.keys()]));
  return names.map((name) => {
    const dense = model.graph.initializers.get(name);
    const given = stored.get(name) ?? { kind: 'dense', tensor: dense! };
    checkStored(name, given);
    const kept = given.kind === 'sparse' ? withoutZeros(given) : given;
    const declared = { name, dtype: dtypeOfStored(kept), dims: dimsOfStored(kept) };
    if (dense && (dense.dtype !== declared.dtype || dense.dims.join() !== declared.dims.join()))
      throw new PithError('usage.stored', {
        at: { tensor: name },
        expected: `${dense.dtype} [${dense.dims}], as the initializer`,
        got: `${declared.dtype} [${declared.dims}]`,
      });
    return { declared, stored: kept };
  });
}

/** A kept weight that is zero is a pruned one. */
function withoutZeros(stored: StoredTensor & { kind: 'sparse' }): StoredTensor {
  if (!stored.values.includes(0)) return stored;
  const keep = Uint32Array.from(stored.values.keys()).filter((i) => stored.values[i] !== 0);
  const bits = bitsOf(stored.values);
  return {
    ...stored,
    values: new Float32Array(Uint32Array.from(keep, (i) => bits[i]!).buffer),
    positions: Uint32Array.from(keep, (i) => stored.positions[i]!),
  };
}

function metadataBytes(metadata: ReadonlyMap<string, string>): Uint8Array {
  const out = new ByteWriter();
  out.varint(metadata.size);
  for (const [key, value] of metadata) {
    out.string(key);
    out.string(value);
  }
  return out.done();
}
