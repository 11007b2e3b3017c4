/** Files that are often taken for ONNX models, told apart by their first bytes. No ONNX file begins like any of them. */
import { type ErrorCode, PithError } from '../base/errors.js';

interface Signature {
  readonly name: string;
  readonly is: RegExp;
  readonly code: ErrorCode;
  readonly fix: string;
}

/** Matched against the first 64 bytes, read as Latin-1. */
const signatures: readonly Signature[] = [
  {
    name: 'a web page (HTML or XML)',
    is: /^(?:\xef\xbb\xbf)?\s*<[!?a-z]/i,
    code: 'input.onnx-html',
    fix: 'the download gave a page, perhaps an error or a login: open the address in a browser and download the file itself',
  },
  {
    name: 'a pointer of Git LFS',
    is: /^version https:\/\/git-lfs/,
    code: 'input.onnx-format',
    fix: 'the file itself is elsewhere: run "git lfs pull", or use the download link',
  },
  {
    name: 'a zip archive',
    is: /^PK\x03\x04/,
    code: 'input.onnx-format',
    fix: 'unpack it first; if it is a PyTorch checkpoint, export it with torch.onnx.export',
  },
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the signature of gzip
  { name: 'gzip data', is: /^\x1f\x8b/, code: 'input.onnx-format', fix: 'unpack it with gunzip first' },
  { name: 'an HDF5 file', is: /^\x89HDF/, code: 'input.onnx-format', fix: 'convert it with tf2onnx' },
  { name: 'a TensorFlow Lite model', is: /^.{4}TFL3/s, code: 'input.onnx-format', fix: 'convert it with tf2onnx' },
  { name: 'a pickle', is: /^\x80[\x02-\x05]/, code: 'input.onnx-format', fix: 'export the model with torch.onnx.export' },
];

/** Throws `input.onnx-empty`, `input.onnx-html` or `input.onnx-format`, saying what the file is. */
export function refuseOtherFormats(bytes: Uint8Array): void {
  if (bytes.length === 0)
    throw new PithError('input.onnx-empty', { expected: 'an ONNX model', got: 'an empty file', fix: 'download or export it again' });
  const head = String.fromCharCode(...bytes.subarray(0, 64));
  const found = signatures.find(({ is }) => is.test(head));
  if (found) throw new PithError(found.code, { at: { byte: 0 }, expected: 'an ONNX model', got: found.name, fix: found.fix });
}
