/** `pith inspect`: totals and a row for each layer of an ONNX or .pith file. */
import type { Inspection } from '../../library/inspect.js';
import { formatBytes, formatCount, formatDims, formatNumber, formatPercent } from '../../report/format.js';
import { textTable } from '../../report/text-table.js';
import type { CommandSpec } from '../command.js';

export const inspectCommand: CommandSpec = {
  name: 'inspect',
  summary: 'what is in a model file: layers, parameters, multiply-adds, bytes',
  help: `For an ONNX file also the memory that running it takes; for a .pith file the bytes of each layer before coding and after.

  pith inspect model.pith`,
  words: (c) => c.argument('<file>', 'an ONNX or .pith file'),
  async action([file]) {
    const { inspect } = await import('../../library/inspect.js');
    const found = await inspect(file!);
    return { text: inspectText(found), json: { file, ...found } };
  },
};

function inspectText({ format, network, bytes, opset, nodes, layers, totals, sections, metadata }: Inspection): string {
  const right = (title: string) => ({ title, align: 'right' as const });
  const table = textTable({
    columns: [
      { title: 'layer', align: 'left' },
      right('shape'),
      right('parameters'),
      right('multiply-\nadds'),
      right('density'),
      right('bits per\nweight'),
      right('bytes\nbefore coding'),
      right('in file'),
      right('share'),
    ],
    rows: layers.map((l) => [
      l.name,
      formatDims(l.dims),
      formatCount(l.parameters),
      l.multiplyAdds === undefined ? '' : formatCount(l.multiplyAdds),
      formatPercent(l.density, 1),
      formatNumber(l.bitsPerWeight, 2),
      formatCount(l.uncoded),
      formatCount(l.bytes),
      formatPercent(l.share, 1),
    ]),
    foot: [
      [
        'total',
        '',
        formatCount(totals.parameters),
        totals.multiplyAdds === undefined ? '' : formatCount(totals.multiplyAdds),
        formatPercent(totals.density, 1),
        formatNumber((8 * bytes) / totals.parameters, 2),
        formatCount(totals.uncoded),
        formatCount(bytes),
        '',
      ],
    ],
  });
  const memory =
    totals.peakActivationBytes === undefined
      ? 'memory to run it: unknown, as some operators are'
      : `memory to run it on one image: weights ${formatBytes(totals.weightBytes)}, activations ${formatBytes(totals.peakActivationBytes)} at most at one time`;
  const coded = `${formatBytes(4 * totals.parameters)} as float32, ${formatBytes(bytes)} in this file, ${formatNumber((4 * totals.parameters) / bytes, 1)}×`;
  return [
    `${network}: ${format}, opset ${opset}, ${formatCount(nodes)} nodes; ${coded}`,
    '',
    table,
    '',
    ...(sections.length ? [`sections: ${sections.map((s) => `${s.name} ${formatCount(s.bytes)}`).join(', ')}`] : []),
    memory,
    ...metadata.map(([key, value]) => `${key}: ${value}`),
  ].join('\n');
}
