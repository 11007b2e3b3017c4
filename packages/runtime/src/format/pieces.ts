/**
 * A .pith file as it comes, in pieces of any size: the header and each section are handed on as soon as they are complete and checked.
 * A file that comes whole goes the same way, so that it gives the same result and the same errors. Holds one section at most, or a file
 * that is so small that it has one digest.
 */
import { PithError } from '../errors.js';
import { checkSection, type Header, type PlacedSection, readHeader } from './frame.js';
import type { Limits } from './limits.js';

export interface PieceHandler {
  header(header: Header): void;
  /** The next section may come in the same memory where the file comes in pieces. */
  section(section: PlacedSection): void;
}

/** Memory for what is only announced grows with what comes. */
const firstRoom = 1 << 16;

export class PieceReader {
  private readonly limits: Limits;
  private readonly handler: PieceHandler;
  private header: Header | undefined;
  /** The section that comes next, and the byte of the file at which it starts. */
  private next = 0;
  private start = 0;
  /** The beginning of what comes next, as far as it is there. */
  private held = new Uint8Array(0);
  private have = 0;
  /** Bytes of the header that it takes to say more of it. */
  private wanted = 0;
  private failure: unknown;

  constructor(limits: Limits, handler: PieceHandler) {
    this.limits = limits;
    this.handler = handler;
  }

  /** Throws `input.pith-*`, `unsupported.pith-*`, `limit.*`, or what the handler throws; after that, the same again. */
  push(piece: Uint8Array): void {
    this.guarded(() => {
      let rest = piece;
      while (!this.header && rest.length > 0) rest = this.readHeader(rest);
      this.readSections(rest);
    });
  }

  /** Nothing more comes. Throws `input.pith-truncated` where something is missing. Gives the length of the file. */
  end(): number {
    this.guarded(() => {
      // throws: a header that could be read was read when it came
      if (!this.header) readHeader(this.held.subarray(0, this.have), this.limits, true);
      const missing = this.header?.entries[this.next];
      if (missing)
        throw new PithError('input.pith-truncated', {
          at: { byte: this.start },
          expected: `${missing.length} more bytes`,
          got: String(this.have),
          fix: 'the file is incomplete or damaged: fetch it again',
        });
    });
    return this.start;
  }

  private guarded(body: () => void): void {
    if (this.failure !== undefined) throw this.failure;
    try {
      body();
    } catch (error) {
      this.failure = error;
      throw error;
    }
  }

  private readSections(bytes: Uint8Array): void {
    let rest = bytes;
    while (this.header && this.next < this.header.entries.length) {
      const complete = this.take(rest, this.header.entries[this.next]!.length);
      if (!complete) return;
      rest = complete.rest;
      const entry = this.header.entries[this.next++]!;
      const section = checkSection(entry, complete.bytes, this.start);
      this.start += entry.length;
      this.handler.section(section);
    }
    if (rest.length > 0)
      throw new PithError('input.pith-trailing', {
        at: { byte: this.start },
        expected: 'the end of the file',
        got: 'more bytes',
        fix: 'the file was joined with something else: fetch it again',
      });
  }

  /** Gives back what belongs to the sections. */
  private readHeader(piece: Uint8Array): Uint8Array {
    const before = this.have;
    const { limits } = this;
    if (before === 0) {
      const found = readHeader(piece, limits, false);
      if (this.gotHeader(found)) return piece.subarray(this.start);
    }
    const taken = before === 0 ? piece.length : Math.min(piece.length, Math.max(1, this.wanted - before));
    this.hold(piece.subarray(0, taken), Number.POSITIVE_INFINITY);
    if (this.have >= this.wanted) this.gotHeader(readHeader(this.held.subarray(0, this.have), limits, false));
    if (this.header) {
      // sections that it took to check the header
      const behind = this.held.subarray(this.start, this.have);
      this.have = 0;
      this.readSections(behind);
    }
    return piece.subarray(taken);
  }

  private gotHeader(found: Header | number): boolean {
    if (typeof found === 'number') {
      this.wanted = found;
      return false;
    }
    this.header = found;
    this.start = found.bytes;
    this.handler.header(found);
    return true;
  }

  /** The next `length` bytes of what is held and then `piece`; a view where they stand in the piece as a whole. */
  private take(piece: Uint8Array, length: number): { bytes: Uint8Array; rest: Uint8Array } | undefined {
    if (this.have === 0 && piece.length >= length) return { bytes: piece.subarray(0, length), rest: piece.subarray(length) };
    const taken = Math.min(piece.length, length - this.have);
    this.hold(piece.subarray(0, taken), length);
    if (this.have < length) return undefined;
    const bytes = this.held.subarray(0, length);
    this.have = 0;
    return { bytes, rest: piece.subarray(taken) };
  }

  /** `most`: bytes that will be held in the end. */
  private hold(bytes: Uint8Array, most: number): void {
    const needed = this.have + bytes.length;
    if (needed > this.held.length) {
      const room = new Uint8Array(Math.min(most, Math.max(needed, 2 * this.held.length, firstRoom)));
      room.set(this.held.subarray(0, this.have));
      this.held = room;
    }
    this.held.set(bytes, this.have);
    this.have = needed;
  }
}
