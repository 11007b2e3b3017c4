/** `pith decode`: a .pith file as plain ONNX, weights bit for bit as they were trained. */

import { openModel } from '../../library/model-source.js';
import { saveModel } from '../../onnx/file.js';
import { formatBytes } from '../../report/format.js';
import type { CommandSpec } from '../command.js';
import { refuseOverwrite, sizeOfFile } from '../paths.js';

export const decodeCommand: CommandSpec = {
  name: 'decode',
  summary: 'write a .pith file as plain ONNX',
  words: (c) => c.argument('<file>', 'a .pith file').requiredOption('-o, --output <file>', 'the ONNX file to write'),
  async action([file], given) {
    const output = given['output'] as string;
    await refuseOverwrite(output, file!);
    const { model, bytes, hash } = await openModel(file!);
    await saveModel(output, model);
    const written = await sizeOfFile(output);
    return {
      text: `${file} (${formatBytes(bytes)}) → ${output} (${formatBytes(written)})\n\nnext: pith eval ${output} --data DIR`,
      json: { file, hash, bytes, output, written },
    };
  },
};
