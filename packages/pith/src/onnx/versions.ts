/**
 * Versions of ONNX's file format (IR) and of its standard operators (opset). A model of any known version is read, coded and written
 * again: its operators need not be understood for that. Whoever asks what an operator means needs an opset of which pith knows it.
 */
import { PithError } from '../base/errors.js';

const known = { ir: { from: 1, to: 14 }, opset: { from: 1, to: 28 } } as const;

/** The opsets whose operators `ops` knows. */
const understood = { from: 13, to: 28 } as const;

/** Before this IR version a file need not name an opset: it means the first. */
const opsetsSince = 3;

/** Throws `unsupported.ir`, `input.onnx-no-opset` or `unsupported.opset`, naming the range. A model without standard operators needs no standard opset. */
export function checkVersions(irVersion: number, opsets: ReadonlyMap<string, number>): void {
  const { ir } = known;
  if (irVersion < ir.from || irVersion > ir.to)
    throw new PithError('unsupported.ir', {
      expected: `IR version ${ir.from} to ${ir.to}`,
      got: irVersion === 0 ? 'none' : String(irVersion),
      fix: 'convert or export the model for a version in that range',
    });
  if (opsets.size === 0 && irVersion >= opsetsSince)
    throw new PithError('input.onnx-no-opset', {
      expected: 'an opset version of a domain',
      got: 'none',
      fix: 'is this an ONNX model? export it again',
    });
  const version = opsets.get('');
  if (version !== undefined) checkOpset(version, known.opset);
}

/** Throws `unsupported.opset` where pith does not know what the operators of a model mean: it can code its weights, but not train it. */
export function checkUnderstood(opset: number): void {
  checkOpset(opset, understood);
}

function checkOpset(version: number, { from, to }: { readonly from: number; readonly to: number }): void {
  if (version < from || version > to)
    throw new PithError('unsupported.opset', {
      expected: `opset ${from} to ${to}`,
      got: version === 0 ? 'none' : String(version),
      fix: 'convert or export the model for an opset in that range',
    });
}
