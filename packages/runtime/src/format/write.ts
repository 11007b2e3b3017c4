/** Writes a .pith file, on this thread or with its sections on several. FORMAT.md is the specification. */
import { ByteWriter } from '../codec/bytes.js';
import { PithError } from '../errors.js';
import type { Model } from '../model.js';
import { byteSize } from '../tensor.js';
import type { ListedTensor } from './fields.js';
import { type Section, sectionKinds, smallFile, writeFrame } from './frame.js';
import { type GraphKind, inOrderOfUse, writeGraphSection } from './graph.js';
import { findRepeats } from './repeats.js';
import { type CoderChoice, coderChoices, type EncodeJob, groupTensors, runSectionJob, type SectionHost } from './sections.js';
import { type PithReport, reportOf, type TensorSize } from './sizes.js';
import { bitsOf, checkStored, dimsOfStored, dtypeOfStored, type StoredTensor } from './stored.js';
import { type EncodedSection, type Gathered, sizeOfRepeat } from './tensors.js';
import { type WrittenWords, writeApart, writeTogether } from './words.js';

export interface WritePithOptions {
  /** Its initializers hold the tensors that are not in `stored`. */
  readonly model: Model;
  /** By the name of the initializer. It goes before an initializer of the model with the same name. */
  readonly stored?: ReadonlyMap<string, StoredTensor>;
  /** Recipe, seed, hash of the source, licence …: any words. */
  readonly metadata?: ReadonlyMap<string, string>;
  /** What codes the tensors; `smallest` unless said: for each section that which makes it smallest. */
  readonly coder?: CoderChoice;
}

export interface WrittenPith {
  readonly bytes: Uint8Array;
  readonly report: PithReport;
}

const optionNames = ['model', 'stored', 'metadata', 'coder'];

/** Throws `usage.stored` or `usage.option` for what does not fit together, `input.graph-order` for a graph that is not sorted. */
export function writePith(options: WritePithOptions): WrittenPith {
  const plan = planOf(options);
  return fileOf(
    plan,
    plan.jobs.map((job) => runSectionJob(job)),
  );
}

/** The same, and the same bytes, with the tensors coded by a host, section by section in parallel. */
export async function writePithOn(host: SectionHost, options: WritePithOptions): Promise<WrittenPith> {
  const plan = planOf(options);
  return fileOf(plan, await Promise.all(plan.jobs.map((job) => host.run(job))));
}

interface Plan {
  readonly listed: readonly ListedTensor[];
  readonly metadata: ReadonlyMap<string, string>;
  readonly graph: (kind: GraphKind) => Uint8Array;
  readonly jobs: readonly EncodeJob[];
}

function planOf(options: WritePithOptions): Plan {
  for (const key of Object.keys(options))
    if (!optionNames.includes(key))
      throw new PithError('usage.option', { at: { option: key }, expected: `one of ${optionNames.join(', ')}`, got: key });
  const { model, stored = new Map(), metadata = new Map(), coder = 'smallest' } = options;
  if (!coderChoices.includes(coder))
    throw new PithError('usage.option', { at: { option: 'coder' }, expected: `one of ${coderChoices.join(', ')}`, got: String(coder) });
  const tensors = gather(model, stored);
  const repeats = findRepeats(tensors.map((tensor) => tensor.stored));
  const listed = tensors.map(({ declared }, i) => ({ ...declared, ...(repeats[i] !== undefined && { repeats: repeats[i] }) }));

  const graph = (kind: GraphKind): Uint8Array => {
    const out = new ByteWriter();
    writeGraphSection(out, model, listed, kind);
    return out.done();
  };
  const jobs = groupTensors(tensors.filter((_, i) => repeats[i] === undefined)).map(
    (group): EncodeJob => ({ kind: 'encode', tensors: group, coder }),
  );
  return { listed, metadata, graph, jobs };
}

function fileOf({ listed, metadata, graph }: Plan, coded: readonly EncodedSection[]): WrittenPith {
  const tensors = coded.map(({ bytes }): Section => ({ kind: sectionKinds.tensors, bytes }));
  const dense = listed.reduce((sum, { dtype, dims }) => sum + byteSize(dtype, dims), 0);
  const framed = (words: WrittenWords) => {
    const sections = [...words.sections, ...tensors];
    return { sections, ...writeFrame(dense + words.length, sections) };
  };
  const together = graph('words');
  const fits = [together, ...tensors.map((one) => one.bytes)].every(({ length }) => length < smallFile);
  // 0 means something else there
  const can = metadata.size > 0 && !listed.some(({ dims }) => dims.includes(0));
  const small = fits && can && framed(writeTogether(metadata, together));
  const { bytes, root, sections } = small && small.bytes.length <= smallFile ? small : framed(writeApart(metadata, graph('graph')));
  const parts = sections.map((section) => ({ kind: section.kind, length: section.bytes.length }));
  const own = coded.flatMap(({ sizes }) => sizes).values();
  const sizes: TensorSize[] = [];
  for (const one of listed) sizes.push(one.repeats === undefined ? own.next().value! : sizeOfRepeat(sizes[one.repeats]!, one));
  return { bytes, report: reportOf(bytes.length, root, parts, sizes) };
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
