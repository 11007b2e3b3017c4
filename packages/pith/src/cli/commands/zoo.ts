/** `pith zoo`: the networks that `pith train` can make. */
import { formatCount } from '../../report/format.js';
import { textTable } from '../../report/text-table.js';
import { networks } from '../../zoo/list.js';
import type { CommandSpec } from '../command.js';

export const zooCommand: CommandSpec = {
  name: 'zoo',
  summary: 'list the networks that can be trained from fresh weights',
  words: (c) => c,
  async action() {
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
    return { text: `${text}\n\nnext: pith train ${rows[0]!.name} --data DIR -o model.onnx`, json: { networks: rows } };
  },
};
