/** `pith zoo`: the networks that `pith train` can make. */
import { formatCount } from '../../report/format.js';
import { textTable } from '../../report/text-table.js';
import { networks } from '../../zoo/list.js';
import type { CommandSpec } from '../command.js';

export const zooCommand: CommandSpec = {
  name: 'zoo',
  summary: 'list the networks that can be trained from fresh weights',
  help: `  pith train lenet-5 --data digits/ -o lenet-5.onnx`,
  words: (c) => c,
  async action(_args, _given, { line }) {
    const rows = networks.map(({ name, parameters, image, classes, description }) => ({ name, parameters, image, classes, description }));
    const text = textTable({
      columns: [
        { title: 'network', align: 'left' },
        { title: 'parameters', align: 'right' },
        { title: 'image', align: 'right' },
        { title: 'layers', align: 'left' },
      ],
      rows: rows.map((n) => [n.name, formatCount(n.parameters), `${n.image.channels}×${n.image.height}×${n.image.width}`, n.description]),
    });
    return {
      text: `${text}\n\nnext: ${line('train', rows[0]!.name, '--data', 'DIR', '-o', 'model.onnx')}\n      ${line('demo', '--network', rows[0]!.name)}`,
      json: { networks: rows },
    };
  },
};
