/** Results go to stdout: text for people, or under `--json` one object of a stable, versioned form. Everything else goes to stderr. */
import { outputError } from '../base/files.js';

export interface Result {
  readonly text: string;
  /** Instead of text and object. */
  readonly bytes?: Uint8Array;
  readonly json: Readonly<Record<string, unknown>>;
}

export interface OutputOptions {
  readonly stream: NodeJS.WritableStream;
  readonly command: string;
  /** Whether `--json` was given. */
  readonly json: boolean;
}

/** `{"pith":1,"command":…,…}` on one line. Numbers that are not finite are null, as JSON has none. */
export function jsonOf(command: string, json: Result['json']): string {
  const head = { pith: 1, command };
  return JSON.stringify({ ...head, ...json, ...head });
}

/**
 * Writes a result, and waits until it is out. A reader that has seen enough (`pith inspect … | head`) is no failure.
 * Throws `output.*` where stdout cannot be written, as on a disk that is full.
 */
export function writeResult({ text, bytes, json }: Result, options: OutputOptions): Promise<void> {
  const { stream } = options;
  const words = options.json ? jsonOf(options.command, json) : text;
  const body = bytes ?? (words.endsWith('\n') ? words : `${words}\n`);
  if (!bytes && words === '') return Promise.resolve();
  return new Promise((resolve, reject) => {
    const finish = (error?: Error | null): void => {
      // The stream tells of an error twice, to the callback and as an event, in this order; the listener must outlive the first.
      setImmediate(() => stream.off('error', finish));
      if (error && !isClosedPipe(error)) reject(outputError('stdout', error));
      else resolve();
    };
    stream.on('error', finish);
    stream.write(body, finish);
  });
}

const isClosedPipe = (error: Error): boolean => 'code' in error && (error.code === 'EPIPE' || error.code === 'ERR_STREAM_DESTROYED');
