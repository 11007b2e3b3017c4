/**
 * ONNX bytes to Model. The file is untrusted: every length is bounded by what remains, nothing is allocated before the bytes for it have
 * been seen, and whatever comes ends in a Model or in a PithError. Typed arrays take at most what the tensors' shapes declare; the other
 * objects are metered (`limits.objects`).
 * Not kept: documentation strings, metadata of graphs, nodes and tensors, training information, quantization annotations, device
 * configurations. Not here: whether the graph makes sense (check.ts), files and folders (file.ts).
 */

import { domainOf, entryField, modelField as M, opsetField } from 'pith-runtime/onnx';
import { PithError } from '../base/errors.js';
import type { Model } from '../base/tensor.js';
import type { ExternalResolver } from './external-data.js';
import { readGraph } from './graph-read.js';
import { refuseOtherFormats } from './signatures.js';
import { checkVersions } from './versions.js';
import { WireReader } from './wire-read.js';

interface ReadLimits {
  /** Bytes of the file; also of external data that must be copied because it is not aligned. Protobuf's own limit is 2 GiB. */
  readonly bytes: number;
  /** Messages within messages. */
  readonly depth: number;
  /** Bytes in memory of nodes, names, attributes and whatever else is not tensor data (estimated). */
  readonly objects: number;
}

export interface ReadOptions {
  /** Gives the bytes of tensors that lie outside the file; without it, such a model is refused. */
  readonly external?: ExternalResolver;
  readonly limits?: Partial<ReadLimits>;
  /** The reader may move data inside `bytes`, so that no tensor is copied for being out of line. */
  readonly owned?: boolean;
}

const defaults: ReadLimits = { bytes: 2 ** 31 - 1, depth: 100, objects: 2 ** 29 };

function known(given: object, keys: readonly string[], what: string): void {
  for (const key of Object.keys(given))
    if (!keys.includes(key))
      throw new PithError('usage.option', { at: { option: key }, expected: `one of ${keys.join(', ')}`, got: `${what} "${key}"` });
}

/**
 * Reads a model. Initializers are views of `bytes` where they are aligned, so `bytes` must not change afterwards.
 * Throws `input.onnx-empty`, `-html`, `-format`, `-truncated`, `-malformed`, `-no-graph`, `-no-opset`, `-duplicate`,
 * `unsupported.opset`, `unsupported.ir`, `limit.*`, and what `readTensor` throws.
 */
export function readOnnx(bytes: Uint8Array, options: ReadOptions = {}): Model {
  known(options, ['external', 'limits', 'owned'], 'option');
  known(options.limits ?? {}, Object.keys(defaults), 'limit');
  const limits = { ...defaults, ...options.limits };
  if (bytes.length > limits.bytes)
    throw new PithError('limit.bytes', {
      expected: `a file of at most ${limits.bytes} bytes`,
      got: `${bytes.length}`,
      fix: 'raise limits.bytes',
    });
  refuseOtherFormats(bytes);

  // A plain Uint8Array: slices of a Buffer would be views.
  const r = new WireReader(new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength), limits);
  let irVersion = 0;
  let graphAt: { from: number; to: number } | undefined;
  const opsets = new Map<string, number>();
  const texts = { producerName: '', producerVersion: '', domain: '', doc: '' };
  let modelVersion = 0;
  const metadata = new Map<string, string>();
  const functions: Uint8Array[] = [];
  r.fields((field) => {
    switch (field) {
      case M.irVersion:
        irVersion = r.natural();
        break;
      case M.producerName:
        texts.producerName = r.string();
        break;
      case M.producerVersion:
        texts.producerVersion = r.string();
        break;
      case M.domain:
        texts.domain = r.string();
        break;
      case M.modelVersion:
        modelVersion = Number(r.int());
        break;
      case M.doc:
        texts.doc = r.string();
        break;
      case M.graph: {
        if (graphAt) r.malformed('one graph', 'two');
        const to = r.stop();
        graphAt = { from: r.pos, to };
        r.pos = to;
        break;
      }
      case M.opsetImport:
        readOpset(r, opsets);
        break;
      case M.metadata: {
        r.count(64);
        const [key, value] = readEntry(r);
        metadata.set(key, value);
        break;
      }
      case M.functions:
        r.count(64);
        functions.push(r.blob());
        break;
      default:
        r.skip();
    }
  });

  if (!graphAt)
    throw new PithError('input.onnx-no-graph', {
      expected: 'a model with a graph',
      got: 'none',
      fix: 'is this an ONNX model? export it again',
    });
  checkVersions(irVersion, opsets);
  const graph = readGraph(r, graphAt.from, graphAt.to, {
    external: options.external,
    copies: { left: limits.bytes },
    owned: options.owned ?? false,
  });
  return { irVersion, opsets, ...texts, modelVersion, metadata, graph, functions };
}

function readOpset(r: WireReader, opsets: Map<string, number>): void {
  r.count(64);
  const at = r.tagAt;
  let domain = '';
  let version = 0;
  r.message((field) => {
    if (field === opsetField.domain) domain = domainOf(r.string());
    else if (field === opsetField.version) version = r.natural();
    else r.skip();
  });
  if ((opsets.get(domain) ?? version) !== version)
    r.fail('input.onnx-duplicate', `one opset version of domain "${domain}"`, `${opsets.get(domain)} and ${version}`, { at: { byte: at } });
  opsets.set(domain, version);
}

function readEntry(r: WireReader): [key: string, value: string] {
  let key = '';
  let value = '';
  r.message((field) => {
    if (field === entryField.key) key = r.string();
    else if (field === entryField.value) value = r.string();
    else r.skip();
  });
  return [key, value];
}
