/** The versions that pith reads and writes: of ONNX's file format (IR) and of its standard operators (opset). */
import { PithError } from '../base/errors.js';

const supported = { ir: { from: 3, to: 14 }, opset: { from: 13, to: 23 } } as const;

/** Throws `unsupported.ir`, `input.onnx-no-opset` or `unsupported.opset`, naming the range. */
export function checkVersions(irVersion: number, opsets: ReadonlyMap<string, number>): void {
  const { ir, opset } = supported;
  if (irVersion < ir.from || irVersion > ir.to)
    throw new PithError('unsupported.ir', {
      expected: `IR version ${ir.from} to ${ir.to}`,
      got: irVersion === 0 ? 'none' : String(irVersion),
      fix: 'convert or export the model for a version in that range',
    });
  const version = opsets.get('');
  if (version === undefined)
    throw new PithError('input.onnx-no-opset', {
      expected: 'an opset version of the standard domain',
      got: 'none',
      fix: 'is this an ONNX model? export it again',
    });
  if (version < opset.from || version > opset.to)
    throw new PithError('unsupported.opset', {
      expected: `opset ${opset.from} to ${opset.to}`,
      got: String(version),
      fix: 'convert or export the model for an opset in that range',
    });
}
