/** Reads a .pith file: whole, in pieces as they come, or with its sections on several threads. FORMAT.md is the specification. */
import { ByteReader } from '../codec/bytes.js';
import { enginesOfFile } from '../codec/engine/engine.js';
import { PithError } from '../errors.js';
import type { Model } from '../model.js';
import { byteSize, type Tensor } from '../tensor.js';
import type { ListedTensor } from './fields.js';
import { type Header, nameOf, type PlacedSection, sectionKinds } from './frame.js';
import { type GraphKind, readGraphSection } from './graph.js';
import { type Limits, limitsOf, within } from './limits.js';
import { PieceReader } from './pieces.js';
import { type DecodeJob, decodeJob, decodeSection, type SectionHost } from './sections.js';
import { type PithReport, reportOf } from './sizes.js';
import { densify, type StoredTensor } from './stored.js';
import { type DecodedTensor, sizeOfRepeat } from './tensors.js';
import { readApart, readMetadata, readWords } from './words.js';

export interface PithFile {
  /** Without initializers: those are in `tensors`. */
  readonly model: Model;
  /** By name, in file order: that in which the graph first reads them. One that repeats another is the same object. */
  readonly tensors: ReadonlyMap<string, StoredTensor>;
  readonly metadata: ReadonlyMap<string, string>;
  readonly report: PithReport;
}

export interface PithStreamOptions {
  readonly limits?: Partial<Limits>;
  /** Gives the form in which a tensor is held once it is decoded, in file order; its stored form is let go. As it is stored unless said. */
  readonly hold?: (stored: StoredTensor) => StoredTensor;
  /** Called as soon as the graph is read, before any tensor. */
  readonly onModel?: (model: Model, metadata: ReadonlyMap<string, string>) => void;
  /** Called as soon as a tensor is decoded, in file order. */
  readonly onTensor?: (name: string, stored: StoredTensor) => void;
}

/**
 * A file that comes in pieces of any size. Each section is checked and decoded as soon as it is complete; the same bytes give the same
 * result and the same error whatever the pieces. Holds one coded section and what was decoded so far.
 */
export class PithStream {
  private readonly assembly: Assembly;
  private readonly pieces: PieceReader;

  constructor(options: PithStreamOptions = {}) {
    this.assembly = new Assembly(options);
    const engines = enginesOfFile();
    this.pieces = piecesInto(this.assembly, (job) => this.assembly.place(decodeSection(job, engines(job.bytes.length))));
  }

  /** Throws what `readPith` throws; after that, the same again. */
  push(piece: Uint8Array): void {
    this.pieces.push(plain(piece));
  }

  end(): PithFile {
    return this.assembly.finish(this.pieces.end());
  }
}

/**
 * Throws `input.pith-*` for what is no .pith file or a damaged one, `unsupported.pith-*` for one from a newer version, `limit.*` for one
 * that asks for more than `limits`. Allocates about what the file declares, and that is checked first.
 */
export function readPith(file: Uint8Array, limits?: Partial<Limits>): PithFile {
  const stream = new PithStream(limits && { limits });
  stream.push(file);
  return stream.end();
}

/** `readPith` with the tensors decoded by a host, section by section in parallel. The same errors. */
export async function readPithOn(host: SectionHost, file: Uint8Array, options: PithStreamOptions = {}): Promise<PithFile> {
  const assembly = new Assembly(options);
  const running: Promise<readonly DecodedTensor[]>[] = [];
  const pieces = piecesInto(assembly, (job) => {
    const result = host.run(job);
    // one that fails is heard when its turn comes
    result.catch(() => undefined);
    running.push(result);
  });
  let bytes = 0;
  let failure: { readonly error: unknown } | undefined;
  try {
    pieces.push(plain(file));
    bytes = pieces.end();
  } catch (error) {
    failure = { error };
  }
  // a result that was placed is let go
  for (let result = running.shift(); result; result = running.shift()) assembly.place(await result);
  if (failure) throw failure.error;
  return assembly.finish(bytes);
}

/** Holds tensors in dense form. */
export const asDense = (stored: StoredTensor): StoredTensor => ({ kind: 'dense', tensor: densify(stored) });

/** `toModel(readPith(…))`, but no tensor is held in two forms at once. */
export function readModel(file: Uint8Array, limits?: Partial<Limits>): Model {
  const stream = new PithStream({ ...(limits && { limits }), hold: asDense });
  stream.push(file);
  return toModel(stream.end());
}

/** The same on a host. */
export const readModelOn = async (host: SectionHost, file: Uint8Array, limits?: Partial<Limits>): Promise<Model> =>
  toModel(await readPithOn(host, file, { ...(limits && { limits }), hold: asDense }));

/** The model with every tensor in dense form, as ONNX has it. Tensors that repeat another share its data. */
export function toModel(file: PithFile): Model {
  const dense = new Map<StoredTensor, Tensor>();
  const initializers = new Map<string, Tensor>();
  for (const [name, stored] of file.tensors) {
    const tensor = dense.get(stored) ?? densify(stored);
    dense.set(stored, tensor);
    initializers.set(name, tensor);
  }
  return { ...file.model, graph: { ...file.model.graph, initializers } };
}

/** A Buffer of Node is a Uint8Array whose slice makes no copy: from here on it is a plain one. */
const plain = (bytes: Uint8Array): Uint8Array => new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);

const piecesInto = (assembly: Assembly, decode: (job: DecodeJob) => void): PieceReader =>
  new PieceReader(assembly.limits, {
    header: (header) => assembly.header(header),
    section: (section) => {
      const job = assembly.section(section);
      if (job) decode(job);
    },
  });

/** Puts a file together from its sections, in their order. */
class Assembly {
  readonly limits: Limits;
  private readonly options: PithStreamOptions;
  private head: Header | undefined;
  /** Bytes that no section has taken yet, of the size that the header promises or else of the limit. */
  private left = 0;
  private metadata: ReadonlyMap<string, string> = new Map();
  private model: Model | undefined;
  private listed: readonly ListedTensor[] = [];
  /** Those with contents of their own; how many of them have been asked for. */
  private declared: readonly ListedTensor[] = [];
  private asked = 0;
  private readonly tensors: DecodedTensor[] = [];

  constructor(options: PithStreamOptions = {}) {
    this.options = options;
    this.limits = limitsOf(options.limits);
  }

  header(header: Header): void {
    this.head = header;
    this.left = header.decodedBytes ?? this.limits.maxDecodedBytes;
  }

  /** Reads words at once; for tensors gives the job that reads them. */
  section({ kind, bytes, start }: PlacedSection): DecodeJob | undefined {
    const from = new ByteReader(bytes);
    if (kind === sectionKinds.metadata)
      inSection('metadata', () => {
        const contents = this.contents(from);
        this.metadata = readMetadata(contents);
        if (contents.left > 0) contents.refuse('the end of the metadata', `${contents.left} bytes more`);
      });
    else if (kind === sectionKinds.graph || kind === sectionKinds.words) {
      inSection(nameOf(kind), () => {
        const known = kind === sectionKinds.words && readApart(from);
        const contents = this.contents(from);
        if (known) this.metadata = readMetadata(contents, known);
        this.graph(contents, known ? 'words' : 'graph');
      });
      this.options.onModel?.(this.model!, this.metadata);
    } else if (kind === sectionKinds.tensors) {
      const job = decodeJob(bytes, start, this.declared.slice(this.asked));
      this.asked += job.declared.length;
      return job;
    }
    return undefined;
  }

  private graph(contents: ByteReader, kind: GraphKind): void {
    const { model, declared } = readGraphSection(contents, this.limits, kind);
    const total = declared.reduce((sum, { dtype, dims }) => sum + byteSize(dtype, dims), 0);
    if (this.head?.decodedBytes !== undefined) checkTotal(total, this.left);
    else this.spend(total);
    this.model = model;
    this.listed = declared;
    this.declared = declared.filter(({ repeats }) => repeats === undefined);
  }

  place(decoded: readonly DecodedTensor[]): void {
    const { hold = (stored) => stored } = this.options;
    for (const { stored, size } of decoded) {
      this.repeat();
      this.add({ stored: hold(stored), size });
    }
    this.repeat();
  }

  finish(bytes: number): PithFile {
    const { model, head, tensors, listed, metadata } = this;
    this.repeat();
    if (tensors.length < listed.length)
      throw new PithError('input.pith-value', {
        at: { section: 'tensors', byte: bytes },
        expected: `${listed.length} tensors`,
        got: String(tensors.length),
      });
    return {
      model: model!,
      metadata,
      tensors: new Map(listed.map(({ name }, i) => [name, tensors[i]!.stored])),
      report: reportOf(
        bytes,
        head!.root,
        head!.entries,
        tensors.map(({ size }) => size),
      ),
    };
  }

  /** Tensors that come next and repeat an earlier one. */
  private repeat(): void {
    for (let next = this.listed[this.tensors.length]; next?.repeats !== undefined; next = this.listed[this.tensors.length]) {
      const { stored, size } = this.tensors[next.repeats]!;
      this.add({ stored, size: sizeOfRepeat(size, next) });
    }
  }

  private add(tensor: DecodedTensor): void {
    const { name } = this.listed[this.tensors.length]!;
    this.tensors.push(tensor);
    this.options.onTensor?.(name, tensor.stored);
  }

  private contents(section: ByteReader): ByteReader {
    return new ByteReader(readWords(section, (length) => this.spend(length)));
  }

  /** Called before so much is allocated. Throws `input.pith-header` or `limit.decoded-bytes`. */
  private spend(bytes: number): void {
    this.left -= bytes;
    const { maxDecodedBytes } = this.limits;
    if (this.head?.decodedBytes === undefined) within(this.limits, 'maxDecodedBytes', maxDecodedBytes - this.left);
    else if (this.left < 0)
      throw new PithError('input.pith-header', {
        at: { section: 'header' },
        expected: 'a decoded size that includes all sections',
        got: `${-this.left} bytes less`,
      });
  }
}

/** Places inside words that were coded mean nothing to who looks into the file: only the section is named. */
function inSection(section: string, read: () => void): void {
  try {
    read();
  } catch (error) {
    if (!(error instanceof PithError)) throw error;
    throw new PithError(error.code, { ...error.detail, at: { section: error.detail.at?.section ?? section } }, { cause: error });
  }
}

/** The header has promised a size; what the graph declares must be that, before any tensor is allocated. */
function checkTotal(total: number, promised: number): void {
  if (total !== promised)
    throw new PithError('input.pith-header', {
      at: { section: 'header' },
      expected: `${total} bytes of dense tensors, as the graph declares`,
      got: String(promised),
    });
}
