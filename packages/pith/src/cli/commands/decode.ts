/** `pith decode`: a .pith file as plain ONNX, weights bit for bit as they were trained. */
import { PithError } from '../../base/errors.js';
import { saveModel } from '../../onnx/file.js';
import { formatBytes } from '../../report/format.js';
import type { CommandSpec } from '../command.js';
import { refuseOverwrite, sizeOfFile } from '../paths.js';

export const decodeCommand: CommandSpec = {
  name: 'decode',
  summary: 'write a .pith file as plain ONNX',
  help: `The weights are bit for bit those that were trained; any ONNX Runtime loads the file.

  pith decode model.pith -o model.onnx`,
  words: (c) => c.argument('<file>', 'a .pith file').requiredOption('-o, --output <file>', 'the ONNX file to write'),
  async action([file], given, { line }) {
    const output = given['output'] as string;
    await refuseOverwrite(output, file!);
    const { openModel } = await import('../../library/model-source.js');
    const { model, format, bytes, hash } = await openModel(file!);
    if (format !== 'pith')
      throw new PithError('input.format', {
        at: { file: file! },
        expected: 'a .pith file',
        got: 'an ONNX file',
        fix: 'it is plain ONNX already: nothing is to be decoded',
      });
    await saveModel(output, model);
    const written = await sizeOfFile(output);
    return {
      text: `${file} (${formatBytes(bytes)}) → ${output} (${formatBytes(written)})\n\nnext: ${line('inspect', output)}`,
      json: { file, hash, bytes, output, written },
    };
  },
};
