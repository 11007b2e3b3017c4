/** Files that are often taken for ONNX models, told apart by their first bytes. No ONNX file begins like any of them. */
import { type ErrorCode, PithError } from '../base/errors.js';

interface Signature {
  readonly name: string;
  readonly is: (head: string) => boolean;
  readonly code: ErrorCode;
  readonly fix: string;
}

const starts =
  (text: string, at = 0) =>
  (head: string): boolean =>
    head.startsWith(text, at);

/** Asked about the first 64 bytes, read as Latin-1. */
const signatures: readonly Signature[] = [
  {
    name: 'a web page (HTML or XML)',
    is: (head) => /^(?:\xef\xbb\xbf)?\s*<[!?a-z]/i.test(head),
    code: 'input.onnx-html',
    fix: 'the download gave a page, perhaps an error or a login: open the address in a browser and download the file itself',
  },
  {
    name: 'a pointer of Git LFS',
    is: starts('version https://git-lfs'),
    code: 'input.onnx-format',
    fix: 'the file itself is elsewhere: run "git lfs pull", or use the download link',
  },
  {
    name: 'a zip archive',
    is: starts('PK\u0003\u0004'),
    code: 'input.onnx-format',
    fix: 'unpack it first; if it is a PyTorch checkpoint, export it with torch.onnx.export',
  },
  { name: 'gzip data', is: starts('\u001f\u008b'), code: 'input.onnx-format', fix: 'unpack it with gunzip first' },
  { name: 'an HDF5 file', is: starts('\u0089HDF'), code: 'input.onnx-format', fix: 'convert it with tf2onnx' },
  { name: 'a TensorFlow Lite model', is: starts('TFL3', 4), code: 'input.onnx-format', fix: 'convert it with tf2onnx' },
];

/** Throws `input.onnx-empty`, `input.onnx-html` or `input.onnx-format`, saying what the file is. */
export function refuseOtherFormats(bytes: Uint8Array): void {
  if (bytes.length === 0)
    throw new PithError('input.onnx-empty', { expected: 'an ONNX model', got: 'an empty file', fix: 'download or export it again' });
  const head = String.fromCharCode(...bytes.subarray(0, 64));
  const found = signatures.find(({ is }) => is(head));
  if (found) throw new PithError(found.code, { at: { byte: 0 }, expected: 'an ONNX model', got: found.name, fix: found.fix });
}
