/**
 * The one error class of pith. An error is data first: what went wrong (`code`), where, what was expected, what came, what to do.
 * The message is derived from the data; programs and tests match on `code` and `detail`, never on the text.
 */

/** The class of a failure; it decides the exit code of the command line. */
export type ErrorKind =
  | 'usage' // the call is wrong: unknown option, impossible combination
  | 'input' // a file or a data set is wrong
  | 'unsupported' // the input is right, but pith does not do this
  | 'limit' // more memory, depth or size than allowed
  | 'target' // a size or accuracy target cannot be reached
  | 'interrupted' // cancelled by the caller
  | 'output' // writing failed: disk full, no permission
  | 'numeric' // NaN or infinity where numbers must be finite
  | 'bug'; // cannot happen

export type ErrorCode = `${ErrorKind}.${string}`;

/** Where: any of these that is known. */
export interface Place {
  readonly file?: string;
  readonly section?: string;
  readonly tensor?: string;
  readonly node?: string;
  readonly op?: string;
  readonly option?: string;
  readonly line?: number;
  /** Offset in bytes from the start of the file. */
  readonly byte?: number;
}

export interface ErrorDetail {
  readonly at?: Place;
  readonly expected: string;
  readonly got: string;
  /** What the reader of the message can do about it. */
  readonly fix?: string;
}

function placeText(at: Place | undefined): string {
  if (!at) return '';
  const parts: string[] = [];
  if (at.file !== undefined) parts.push(at.file);
  for (const key of ['section', 'node', 'op', 'tensor', 'option', 'line', 'byte'] as const) {
    const value = at[key];
    if (value !== undefined && value !== '') parts.push(typeof value === 'number' ? `${key} ${value}` : `${key} "${value}"`);
  }
  return parts.length ? `${parts.join(', ')}: ` : '';
}

export class PithError extends Error {
  override readonly name = 'PithError';
  readonly code: ErrorCode;
  readonly detail: ErrorDetail;

  constructor(code: ErrorCode, detail: ErrorDetail, options?: ErrorOptions) {
    super(`${placeText(detail.at)}expected ${detail.expected}, got ${detail.got}${detail.fix ? `; ${detail.fix}` : ''}`, options);
    this.code = code;
    this.detail = detail;
  }

  get kind(): ErrorKind {
    return this.code.slice(0, this.code.indexOf('.')) as ErrorKind;
  }

  /** The same error with the place made more precise, as it travels outwards (a reader knows the byte, its caller the file). */
  within(at: Place): PithError {
    return new PithError(this.code, { ...this.detail, at: { ...at, ...this.detail.at } }, { cause: this.cause });
  }
}
