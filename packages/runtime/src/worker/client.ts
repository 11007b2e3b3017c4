/** The page's side: a model that runs behind a port, with the words of one that runs here. */
import { PithError } from '../errors.js';
import { bodyOf, lengthOf } from '../model/answer.js';
import type { Explained } from '../model/explain.js';
import type { Feeds } from '../model/feeds.js';
import { kernelModule } from '../model/kernel-module.js';
import type { LoadOptions } from '../model/load.js';
import type { ModelMemory, Outputs } from '../model/loaded-model.js';
import type { OpenOptions } from '../model/open.js';
import { bytesIn, checkSignal, readerOf } from '../model/pump.js';
import { noSource, type Source } from '../model/source.js';
import type { ValueInfo } from '../model.js';
import { type FromWorker, handedOver, type Loaded, receivedError, type SentSource, type ToWorker } from './messages.js';

/** A model in a worker: as a `LoadedModel`, but nothing of it is computed on this thread. */
export class WorkerModel {
  readonly inputs: readonly ValueInfo[];
  readonly outputs: readonly ValueInfo[];
  /** Recipe, seed, source … as the file has them. */
  readonly metadata: ReadonlyMap<string, string>;
  private readonly line: Line;

  constructor({ inputs, outputs, metadata }: Loaded, line: Line) {
    this.inputs = inputs;
    this.outputs = outputs;
    this.metadata = metadata;
    this.line = line;
  }

  /** One batch; the feeds are copied. Batches are computed in the order in which they are asked for. Throws what `LoadedModel.run` throws. */
  run(feeds: Feeds): Promise<Outputs> {
    return this.line.run(feeds);
  }

  /** As `LoadedModel.explain`, after the batches that were asked for before. Throws `usage.disposed`. */
  explain(): Promise<readonly Explained[]> {
    return this.line.ask(this.line.explained, (id) => ({ kind: 'explain', id }));
  }

  /** As `LoadedModel.memory`. Throws `usage.disposed`. */
  get memory(): Promise<ModelMemory> {
    return this.line.ask(this.line.measured, (id) => ({ kind: 'memory', id }));
  }

  /** As `LoadedModel.threads`, the worker's own among them. Throws `usage.disposed`. */
  get threads(): Promise<number> {
    return this.line.ask(this.line.counted, (id) => ({ kind: 'threads', id }));
  }

  /** Lets the model go, and the worker with it unless it is the caller's own. Batches that are not done fail with `usage.disposed`. */
  dispose(): void {
    this.line.close(new PithError('usage.disposed', { expected: 'a model in use', got: 'one that was disposed of' }));
  }
}

/** The worker's end, as far as it is known of here. */
export interface Peer {
  /** Handed the port on which a model is served. */
  readonly hand: (port: MessagePort) => void;
  /** Called once, when the model is gone. */
  readonly end: () => void;
  /** Told of `fail` before anything else happens. */
  readonly watch: (fail: (error: PithError) => void) => void;
}

/** Throws what `load` throws, from the worker, and what the peer fails with. */
export async function loadOn(peer: Peer, source: Source, options: LoadOptions): Promise<WorkerModel> {
  const { signal, onProgress, wasm, ...sent } = options;
  checkSignal(signal);
  const { source: what, reader } = sentSource(source);
  const line = new Line(peer, reader, onProgress);
  const stopped = (): void =>
    line.close(new PithError('interrupted.cancelled', { expected: 'to go on', got: 'the signal to stop' }, { cause: signal?.reason }));
  signal?.addEventListener('abort', stopped, { once: true });
  try {
    // compiled here, as an address and an answer are the page's
    const module = wasm === undefined ? {} : { wasm: (await kernelModule(wasm, signal)).module };
    return new WorkerModel(await line.load({ kind: 'load', source: what, options: { ...sent, ...module } }), line);
  } catch (error) {
    line.close(error);
    throw error;
  } finally {
    signal?.removeEventListener('abort', stopped);
  }
}

interface Waiting<T> {
  readonly resolve: (value: T) => void;
  readonly reject: (error: unknown) => void;
}

/** The port of one model, and who waits for an answer. */
class Line {
  private readonly port: MessagePort;
  private readonly peer: Peer;
  private readonly reader: ReadableStreamDefaultReader<Uint8Array> | undefined;
  private readonly onProgress: OpenOptions['onProgress'];
  private readonly runs = new Map<number, Waiting<Outputs>>();
  readonly explained = new Map<number, Waiting<readonly Explained[]>>();
  readonly measured = new Map<number, Waiting<ModelMemory>>();
  readonly counted = new Map<number, Waiting<number>>();
  private loading: Waiting<Loaded> | undefined;
  private count = 0;
  /** Why nothing is answered any more. */
  private closed: unknown;

  constructor(peer: Peer, reader: ReadableStreamDefaultReader<Uint8Array> | undefined, onProgress: OpenOptions['onProgress']) {
    const { port1, port2 } = new MessageChannel();
    this.port = port1;
    this.peer = peer;
    this.reader = reader;
    this.onProgress = onProgress;
    this.port.onmessage = ({ data }: MessageEvent<FromWorker>) => this.heard(data);
    peer.watch((error) => this.close(error));
    peer.hand(port2);
  }

  load(message: ToWorker): Promise<Loaded> {
    return new Promise((resolve, reject) => {
      this.loading = { resolve, reject };
      if (this.closed === undefined) this.tell(message);
      else reject(this.closed);
    });
  }

  async run(feeds: Feeds): Promise<Outputs> {
    if (this.closed !== undefined) throw this.closed;
    const { named, buffers } = handedOver(feeds, true);
    return this.ask(this.runs, (id) => ({ kind: 'run', id, feeds: named }), buffers);
  }

  /** The answer is told to whoever waits in the list. */
  ask<T>(waiting: Map<number, Waiting<T>>, message: (id: number) => ToWorker, buffers: ArrayBuffer[] = []): Promise<T> {
    return new Promise((resolve, reject) => {
      if (this.closed !== undefined) return reject(this.closed);
      const id = this.count++;
      waiting.set(id, { resolve, reject });
      this.tell(message(id), buffers);
    });
  }

  private answered<T>(waiting: Map<number, Waiting<T>>, id: number, value: T): void {
    waiting.get(id)?.resolve(value);
    waiting.delete(id);
  }

  /** Everybody who waits gets the error, and whoever asks later. */
  close(error: unknown): void {
    if (this.closed !== undefined) return;
    this.closed = error;
    void this.reader?.cancel().catch(() => undefined);
    this.tell({ kind: 'stop' });
    this.tell({ kind: 'dispose' });
    this.port.close();
    this.loading?.reject(error);
    for (const waiting of this.asked()) {
      for (const { reject } of waiting.values()) reject(error);
      waiting.clear();
    }
    this.peer.end();
  }

  private tell(message: ToWorker, buffers: ArrayBuffer[] = []): void {
    this.port.postMessage(message, buffers);
  }

  private heard(message: FromWorker): void {
    switch (message.kind) {
      case 'pull':
        void this.sendPiece();
        break;
      case 'progress':
        this.progressed(message.progress);
        break;
      case 'loaded':
        this.loading?.resolve(message.model);
        this.loading = undefined;
        break;
      case 'ran':
        this.answered(this.runs, message.id, message.outputs);
        break;
      case 'explained':
        this.answered(this.explained, message.id, message.steps);
        break;
      case 'measured':
        this.answered(this.measured, message.id, message.memory);
        break;
      case 'counted':
        this.answered(this.counted, message.id, message.threads);
        break;
      case 'failed':
        this.failed(message.id, receivedError(message.error));
        break;
      default:
        message satisfies never;
    }
  }

  private asked(): readonly Map<number, Pick<Waiting<never>, 'reject'>>[] {
    return [this.runs, this.explained, this.measured, this.counted];
  }

  private failed(id: number | undefined, error: PithError): void {
    if (id === undefined) this.close(error);
    else {
      for (const waiting of this.asked()) {
        waiting.get(id)?.reject(error);
        waiting.delete(id);
      }
    }
  }

  /** What a listener throws ends the loading, as it does on this thread. */
  private progressed(progress: Parameters<NonNullable<OpenOptions['onProgress']>>[0]): void {
    try {
      this.onProgress?.(progress);
    } catch (error) {
      this.close(error);
    }
  }

  private async sendPiece(): Promise<void> {
    try {
      const { value } = (await this.reader?.read()) ?? {};
      // a piece may be a view into something that the caller goes on using
      const piece = value === undefined ? undefined : bytesIn(value).slice();
      this.tell({ kind: 'piece', piece }, piece ? [piece.buffer as ArrayBuffer] : []);
    } catch (error) {
      if (error instanceof PithError) this.close(error);
      else this.tell({ kind: 'piece', piece: undefined, broken: String(error) });
    }
  }
}

/** Addresses are taken as the page means them: in a worker they would be meant otherwise. Throws `usage.source`, `input.fetch`. */
function sentSource(source: Source): { readonly source: SentSource; readonly reader?: ReadableStreamDefaultReader<Uint8Array> } {
  if (source instanceof Uint8Array) return { source: { kind: 'whole', source: source.slice() } };
  if (source instanceof ArrayBuffer || source instanceof Blob) return { source: { kind: 'whole', source } };
  if (source instanceof Response || source instanceof ReadableStream) {
    const stream = source instanceof Response ? bodyOf(source) : source;
    const total = source instanceof Response ? lengthOf(source) : undefined;
    return { source: { kind: 'stream', total }, reader: readerOf(stream) };
  }
  if (typeof source === 'string' || source instanceof URL) return { source: { kind: 'whole', source: absolute(String(source)) } };
  throw noSource(source);
}

function absolute(address: string): string {
  const base = typeof document === 'undefined' ? globalThis.location?.href : document.baseURI;
  try {
    return new URL(address, base).href;
  } catch {
    return address; // fetch says what is wrong with it
  }
}
