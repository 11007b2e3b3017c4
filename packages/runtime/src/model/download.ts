/**
 * A file from a server. Where the connection is cut, the download goes on with the next byte: a range, asked for only of the same version
 * of the file (RFC 9110, sections 13.1.5 and 14). A server without ranges sends the file again, and what came before is passed over; a file
 * that changed begins anew. Attempts that bring nothing are few, each after a longer pause.
 */
import { PithError } from '../errors.js';
import { bodyOf, lengthOf, type Range, rangeOf, versionOf } from './answer.js';
import { type Cut, checkSignal, pause, pump } from './pump.js';
import type { CountedSink } from './sink.js';

export interface DownloadOptions {
  readonly signal: AbortSignal | undefined;
  /** Attempts in a row that bring nothing. */
  readonly retries: number;
  readonly sink: CountedSink;
}

/** Attempts in all, so that a connection that is cut after every few bytes ends as well. */
const mostAttempts = 1000;
const firstPause = 250;
const longestPause = 8000;
/** The server may do better a little later. */
const passing = [408, 425, 429, 500, 502, 503, 504];

/**
 * Throws `input.fetch` where the first answer is no file or none comes, where the file cannot be had in so many attempts, and where what
 * comes does not belong together; what the sink throws; `interrupted.cancelled`.
 */
export async function download(address: string, { signal, retries, sink }: DownloadOptions): Promise<void> {
  const transfer = new Transfer(address, signal, sink);
  let cut = await transfer.first();
  for (let attempt = 0, vain = 0; cut; attempt++) {
    vain = transfer.gained ? 0 : vain + 1;
    if (vain >= retries || attempt >= mostAttempts)
      throw new PithError(
        'input.fetch',
        {
          at: { file: address },
          expected: 'the rest of the file',
          got: `an end after ${transfer.have} bytes${attempt > 0 ? `, and ${attempt} attempts to go on` : ''}`,
          fix: 'try again later',
        },
        { cause: cut.error },
      );
    if (vain > 0) await pause(Math.min(longestPause, firstPause * 2 ** (vain - 1)), signal);
    cut = await transfer.more();
  }
}

class Transfer {
  have = 0;
  /** Whether the last attempt brought bytes that count. */
  gained = true;
  private readonly address: string;
  private readonly signal: AbortSignal | undefined;
  private readonly sink: CountedSink;
  private version: string | undefined;
  private total: number | undefined;
  /** Another origin may not be asked with If-Range unless it allows that: then the version is compared here. */
  private bare = false;

  constructor(address: string, signal: AbortSignal | undefined, sink: CountedSink) {
    this.address = address;
    this.signal = signal;
    this.sink = sink;
  }

  /** Gives the reason where it was cut off. */
  async first(): Promise<Cut | undefined> {
    const answer = await this.ask({});
    if (!(answer instanceof Response)) throw this.noAnswer(answer);
    return this.take(answer);
  }

  /** The same from where the last attempt ended. */
  async more(): Promise<Cut | undefined> {
    this.gained = false;
    const { have, version, bare } = this;
    const condition: Readonly<Record<string, string>> = version === undefined || bare ? {} : { 'if-range': version };
    const answer = await this.ask(version === undefined ? {} : { range: `bytes=${have}-`, ...condition });
    if (!(answer instanceof Response)) {
      this.bare = true;
      return answer;
    }
    if (passing.includes(answer.status)) return { error: new Error(`status ${answer.status}`) };
    const there = rangeOf(answer);
    if (answer.status === 416 && there?.size === have) return undefined;
    if (answer.status === 416 || (answer.status === 206 && !this.continues(answer, there))) {
      void answer.body?.cancel().catch(() => undefined);
      this.anew();
      return { error: new Error('a file that changed') };
    }
    if (answer.status === 206) return this.pour(bodyOf(answer), 0);
    const same = version !== undefined && versionOf(answer) === version && (lengthOf(answer) ?? this.total) === this.total;
    if (same) return this.pour(bodyOf(answer), have);
    this.anew();
    return this.take(answer);
  }

  private anew(): void {
    this.have = 0;
    this.version = undefined;
    this.sink.restart();
  }

  private take(answer: Response): Promise<Cut | undefined> {
    const body = bodyOf(answer);
    this.version = answer.headers.get('content-encoding') ? undefined : versionOf(answer);
    this.total = lengthOf(answer);
    this.sink.expect(this.total);
    return this.pour(body, 0);
  }

  /** Passes over the first bytes. */
  private async pour(body: ReadableStream<Uint8Array>, over: number): Promise<Cut | undefined> {
    let left = over;
    const cut = await pump(body, this.signal, (piece) => {
      const fresh = piece.subarray(Math.min(left, piece.length));
      left -= piece.length - fresh.length;
      if (fresh.length === 0) return;
      this.have += fresh.length;
      // without a version nothing can be gone on with
      this.gained = this.version !== undefined;
      this.sink.push(fresh);
    });
    if (cut) return cut;
    return this.total !== undefined && this.have < this.total ? { error: new Error('an answer shorter than it said') } : undefined;
  }

  private continues(answer: Response, there: Range | undefined): boolean {
    const named = versionOf(answer) ?? (this.bare ? 'none' : this.version);
    const { have, total } = this;
    // a page sees no content-range of another origin unless that allows it
    const place = !there || (there.start === have && (total === undefined || there.size === undefined || there.size === total));
    return place && named === this.version;
  }

  private async ask(headers: Readonly<Record<string, string>>): Promise<Response | Cut> {
    try {
      return await fetch(this.address, { headers, ...(this.signal && { signal: this.signal }) });
    } catch (error) {
      checkSignal(this.signal);
      return { error };
    }
  }

  private noAnswer({ error }: Cut): PithError {
    const local = /^file:/i.test(this.address) || !/^\w+:/.test(this.address);
    return new PithError(
      'input.fetch',
      {
        at: { file: this.address },
        expected: 'an answer',
        got: 'none',
        fix: local
          ? 'a string is an address: outside of a page a path is none; give file: addresses as URL, or the bytes of the file'
          : 'look at the address and the network',
      },
      { cause: error },
    );
  }
}
