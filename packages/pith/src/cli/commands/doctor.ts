/** `pith doctor`: for each operator of a model, whether pith can train through it, prune and share its weights, and run it; why not. */
import { textTable } from '../../report/text-table.js';
import type { CommandSpec } from '../command.js';

export const doctorCommand: CommandSpec = {
  name: 'doctor',
  summary: 'which operators of a model are supported for training, pruning, running; why not',
  help: `  pith doctor model.onnx`,
  words: (c) => c.argument('<file>', 'an ONNX or .pith file'),
  async action([file]) {
    const { doctor } = await import('../../library/doctor.js');
    const found = await doctor(file!);
    const mark = (verdict: true | { readonly no: string }): string => (verdict === true ? 'yes' : 'no');
    const table = textTable({
      columns: [
        { title: 'operator', align: 'left' },
        { title: 'nodes', align: 'right' },
        { title: 'train', align: 'left' },
        { title: 'prune', align: 'left' },
        { title: 'run', align: 'left' },
      ],
      rows: found.operators.map((o) => [o.op, String(o.count), mark(o.train), mark(o.prune), mark(o.run)]),
    });
    const why = found.operators.flatMap((o) =>
      (['train', 'run'] as const).flatMap((what) =>
        o[what] === true
          ? []
          : [`${o.op}: ${what === 'train' ? 'cannot be trained through' : 'pith-runtime cannot run it'}: ${o[what].no}`],
      ),
    );
    const verdict = [
      `train: ${found.train === true ? 'yes' : `no, ${found.train.no}`}`,
      `code:  yes, weights of any model can be coded`,
      `run:   ${found.run === true ? 'yes' : `no, ${found.run.no}`}`,
    ];
    return { text: [table, ...(why.length ? ['', ...why] : []), '', ...verdict].join('\n'), json: { file, ...found } };
  },
};
