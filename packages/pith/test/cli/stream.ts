/** A stream that remembers what was written to it, as a terminal or as a file. */
import { Writable } from 'node:stream';

export class Screen extends Writable {
  text = '';
  readonly isTTY: boolean;
  readonly columns: number;

  constructor({ isTTY = false, columns = 100 }: { isTTY?: boolean; columns?: number } = {}) {
    super({ decodeStrings: false });
    this.isTTY = isTTY;
    this.columns = columns;
  }

  override _write(chunk: string | Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.text += chunk.toString();
    done();
  }

  clearLine(): boolean {
    return this.write('\u001b[K');
  }

  cursorTo(): boolean {
    return this.write('\r');
  }

  moveCursor(): boolean {
    return true;
  }

  /** What was drawn, without escape sequences, a string for each time that a line was begun. */
  get drawn(): string[] {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences begin with one
    const plain = this.text.replace(/\u001b\[[\d;?]*[a-zA-Z]/g, '');
    return plain.split(/[\r\n]+/).filter((line) => line.trim() !== '');
  }
}
