/** Reads a .pith file. Everything is checked before it is believed; FORMAT.md is the specification. */
import { ByteReader } from '../codec/bytes.js';
import { PithError } from '../errors.js';
import type { Model } from '../model.js';
import { byteSize, type Tensor } from '../tensor.js';
import { nameOf, type PlacedSection, readContainer, readWords, sectionKinds } from './container.js';
import { type GraphSection, readGraphSection } from './graph.js';
import { type Limits, limitsOf } from './limits.js';
import type { PithReport, TensorSize } from './sizes.js';
import { densify, type StoredTensor } from './stored.js';
import { readTensorRecord } from './tensors.js';
import { reportOf } from './write.js';

export interface PithFile {
  /** Without initializers: those are in `tensors`. */
  readonly model: Model;
  /** By name, in file order: that in which the graph first reads them. */
  readonly tensors: ReadonlyMap<string, StoredTensor>;
  readonly metadata: ReadonlyMap<string, string>;
  readonly report: PithReport;
}

/**
 * Throws `input.pith-*` for what is no .pith file or a damaged one, `unsupported.pith-*` for one from a newer version, `limit.*` for one
 * that asks for more than `limits`. Allocates about what the file declares, and that is checked first.
 */
export function readPith(file: Uint8Array, limits?: Partial<Limits>): PithFile {
  // a Buffer of Node is a Uint8Array whose slice makes no copy: from here on it is a plain one
  const bytes = new Uint8Array(file.buffer, file.byteOffset, file.byteLength);
  const allowed = limitsOf(limits);
  const { decodedBytes, sections } = readContainer(bytes, allowed);
  const [metadataSections, graphSections, tensorSections] = inOrder(sections);

  let left = decodedBytes;
  const metadata = new Map<string, string>();
  for (const { bytes: section } of metadataSections)
    inWords('metadata', () => {
      const words = readWords(section, left);
      left -= words.length;
      readMetadata(new ByteReader(words), metadata);
    });
  const { model, declared } = inWords('graph', () => {
    const words = readWords(graphSections[0]!.bytes, left);
    left -= words.length;
    const graph = readGraphSection(new ByteReader(words), allowed);
    checkTotal(graph, left);
    return graph;
  });

  const tensors = new Map<string, StoredTensor>();
  const sizes: TensorSize[] = [];
  for (const { start, bytes: section } of tensorSections)
    for (const from = new ByteReader(bytes, start, start + section.length); from.left > 0; ) {
      const next = declared[sizes.length];
      if (!next) throw refuse(from.at, `${declared.length} tensors`, 'more');
      const { stored, size } = readTensorRecord(from, next);
      tensors.set(next.name, stored);
      sizes.push(size);
    }
  if (sizes.length < declared.length) throw refuse(bytes.length, `${declared.length} tensors`, String(sizes.length));
  return { model, tensors, metadata, report: reportOf(bytes.length, sections, sizes) };
}

/** The model with every tensor in dense form, as ONNX has it. */
export function toModel(file: PithFile): Model {
  const initializers = new Map<string, Tensor>();
  for (const [name, stored] of file.tensors) initializers.set(name, densify(stored));
  return { ...file.model, graph: { ...file.model.graph, initializers } };
}

/** Metadata (at most one), graph (one), tensors. Throws `input.pith-order`. */
function inOrder(sections: readonly PlacedSection[]): [PlacedSection[], PlacedSection[], PlacedSection[]] {
  const known = sections.filter(({ kind }) => nameOf(kind) !== 'unknown');
  const of = (kind: number): PlacedSection[] => known.filter((section) => section.kind === kind);
  const sorted = [of(sectionKinds.metadata), of(sectionKinds.graph), of(sectionKinds.tensors)] as const;
  const [metadata, graph] = sorted;
  if (metadata.length > 1 || graph.length !== 1 || known.some((section, i) => section !== sorted.flat()[i]))
    throw new PithError('input.pith-order', {
      at: { section: 'header' },
      expected: 'metadata once or not at all, the graph once, then tensors',
      got: known.map(({ kind }) => nameOf(kind)).join(', ') || 'none of them',
    });
  return [...sorted];
}

function readMetadata(from: ByteReader, into: Map<string, string>): void {
  for (let count = from.count(2); count > 0; count--) {
    const key = from.string();
    if (into.has(key)) from.refuse('a key once', `"${key}" twice`);
    into.set(key, from.string());
  }
  if (from.left > 0) from.refuse('the end of the metadata', `${from.left} bytes more`);
}

/** The header has promised a size; what the graph declares must be that, before any tensor is allocated. */
function checkTotal({ declared }: GraphSection, promised: number): void {
  let total = 0;
  for (const { dtype, dims } of declared) total += byteSize(dtype, dims);
  if (total !== promised)
    throw new PithError('input.pith-header', {
      at: { section: 'header' },
      expected: `${total} bytes of dense tensors, as the graph declares`,
      got: String(promised),
    });
}

/** Places inside words that were coded mean nothing to who looks into the file: only the section is named. */
function inWords<T>(section: string, body: () => T): T {
  try {
    return body();
  } catch (error) {
    if (!(error instanceof PithError)) throw error;
    throw new PithError(error.code, { ...error.detail, at: { section: error.detail.at?.section ?? section } }, { cause: error });
  }
}

const refuse = (byte: number, expected: string, got: string): PithError =>
  new PithError('input.pith-value', { at: { section: 'tensors', byte }, expected, got });
