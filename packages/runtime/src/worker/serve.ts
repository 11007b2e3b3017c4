/** The worker's side: loads one model and runs it, as it is told over a port. What goes wrong is told; nothing is thrown. */
import { PithError } from '../errors.js';
import { load } from '../model/load.js';
import type { LoadedModel } from '../model/loaded-model.js';
import type { Source } from '../model/source.js';
import { type FromWorker, handedOver, type SentSource, sentError, type ToWorker } from './messages.js';

/** The port is closed when the model is disposed of. */
export function serve(port: MessagePort): void {
  const stop = new AbortController();
  const pieces = new Pieces(() => tell({ kind: 'pull' }));
  let model: LoadedModel | undefined;

  function tell(message: FromWorker, buffers: ArrayBuffer[] = []): void {
    port.postMessage(message, buffers);
  }

  async function begin({ source, options }: Extract<ToWorker, { kind: 'load' }>): Promise<void> {
    try {
      const onProgress = (progress: Extract<FromWorker, { kind: 'progress' }>['progress']): void => tell({ kind: 'progress', progress });
      model = await load(pieces.sourceOf(source), { ...options, signal: stop.signal, onProgress });
      const { inputs, outputs, metadata } = model;
      tell({ kind: 'loaded', model: { inputs, outputs, metadata } });
    } catch (error) {
      tell({ kind: 'failed', error: sentError(error) });
    }
  }

  async function answer(id: number, of: (loaded: LoadedModel) => void | Promise<void>): Promise<void> {
    try {
      if (!model) throw new PithError('bug.worker', { expected: 'a model that is loaded', got: 'none' });
      await of(model);
    } catch (error) {
      tell({ kind: 'failed', id, error: sentError(error) });
    }
  }

  async function run(loaded: LoadedModel, { id, feeds }: Extract<ToWorker, { kind: 'run' }>): Promise<void> {
    const { named, buffers } = handedOver(await loaded.run(feeds), false);
    tell({ kind: 'ran', id, outputs: named }, buffers);
  }

  port.onmessage = ({ data }: MessageEvent<ToWorker>) => {
    switch (data.kind) {
      case 'load':
        return void begin(data);
      case 'piece':
        return pieces.came(data.piece, data.broken);
      case 'run':
        return void answer(data.id, (loaded) => run(loaded, data));
      case 'explain':
        return void answer(data.id, (loaded) => tell({ kind: 'explained', id: data.id, steps: loaded.explain() }));
      case 'memory':
        return void answer(data.id, (loaded) => tell({ kind: 'measured', id: data.id, memory: loaded.memory }));
      case 'threads':
        return void answer(data.id, (loaded) => tell({ kind: 'counted', id: data.id, threads: loaded.threads }));
      case 'stop':
        return stop.abort();
      case 'dispose':
        model?.dispose();
        return port.close();
      default:
        return data satisfies never;
    }
  };
}

/** A stream whose pieces come over the port, one for each that was asked for. */
class Pieces {
  private readonly pull: () => void;
  private controller: ReadableStreamDefaultController<Uint8Array> | undefined;
  private resume: (() => void) | undefined;

  constructor(pull: () => void) {
    this.pull = pull;
  }

  sourceOf(sent: SentSource): Source {
    if (sent.kind === 'whole') return sent.source;
    const stream = new ReadableStream<Uint8Array>({
      start: (controller) => {
        this.controller = controller;
      },
      pull: () =>
        new Promise<void>((resolve) => {
          this.resume = resolve;
          this.pull();
        }),
    });
    return new Response(stream, { headers: sent.total === undefined ? {} : { 'content-length': String(sent.total) } });
  }

  came(piece: Uint8Array | undefined, broken: string | undefined): void {
    if (broken !== undefined) this.controller?.error(new Error(broken));
    else if (piece) this.controller?.enqueue(piece);
    else this.controller?.close();
    this.resume?.();
  }
}
