/** `pith diff`: what is different between two models, of an ONNX or a .pith file each. */
import type { ChangedTensor, Difference } from '../../library/diff.js';
import type { ChangedNode } from '../../library/diff-nodes.js';
import { formatCount, formatDims, formatNumber, printable } from '../../report/format.js';
import { textTable } from '../../report/text-table.js';
import type { CommandSpec } from '../command.js';

export const diffCommand: CommandSpec = {
  name: 'diff',
  summary: 'what is different between two models: nodes, tensors, bytes',
  help: `Each is an ONNX or a .pith file. Tensors are matched by name, nodes by operator, weight and order; the error of a tensor is the root of the
summed squares of the change over that of the first. Whether the outputs are still right is another question: pith verify.

  pith diff model.onnx model.pith`,
  words: (c) =>
    c
      .argument('<a>', 'an ONNX or .pith file')
      .argument('<b>', 'another one')
      .option('--all', 'every node and tensor that changed, however many'),
  async action([a, b], given) {
    const { diff } = await import('../../library/diff.js');
    const found = await diff(a!, b!);
    return { text: differenceText([a!, b!], found, given['all'] === true), json: { ...found } };
  },
};

const usual = 25;

function differenceText(names: readonly [string, string], found: Difference, all: boolean): string {
  const most = all ? Number.POSITIVE_INFINITY : usual;
  const { a, b, facts, nodes, tensors, sameTensors, same } = found;
  const head = textTable({
    columns: [left('file'), left('format'), right('bytes'), right('nodes'), right('tensors')],
    rows: [a, b].map((side, i) => [names[i]!, side.format, formatCount(side.bytes), formatCount(side.nodes), formatCount(side.tensors)]),
  });
  const untouched = `${formatCount(sameTensors)} tensor${sameTensors === 1 ? ' is' : 's are'} the same bit for bit`;
  return [
    head,
    '',
    ...facts.map(({ what, a: before, b: now }) => printable(`${what}: ${before} → ${now}`)),
    ...(facts.length ? [''] : []),
    ...(nodes.length ? [nodeLines(nodes, most), ''] : []),
    ...(tensors.length ? [tensorTable(tensors, most), ''] : []),
    same ? `The same network: ${untouched}.` : `${untouched}.`,
  ].join('\n');
}

const left = (title: string) => ({ title, align: 'left' as const });
const right = (title: string) => ({ title, align: 'right' as const });

function nodeLines(nodes: readonly ChangedNode[], most: number): string {
  const rest = nodes.length - Math.min(nodes.length, most);
  const table = textTable({
    columns: [left('node'), left(''), left('operator'), left('what changed')],
    rows: nodes.slice(0, most).map(({ node, change, op, what }) => [node, change, op, what.join(', ')]),
  });
  return rest > 0 ? `${table}\n${more(rest, 'nodes')}` : table;
}

function tensorTable(tensors: readonly ChangedTensor[], most: number): string {
  const rest = tensors.length - Math.min(tensors.length, most);
  const titles = ['bytes\nbefore', 'bytes\nnow', 'relative\nerror', 'largest\nchange', 'cosine'];
  const table = textTable({
    columns: [left('tensor'), left(''), left('shape'), ...titles.map(right)],
    rows: tensors
      .slice(0, most)
      .map(({ name, change, a, b, error }) => [
        name,
        change === 'values' ? '' : change,
        shapeOf(a, b),
        a ? formatCount(a.bytes) : '',
        b ? formatCount(b.bytes) : '',
        ...(error ? [formatNumber(error.relative, 5), error.largest.toPrecision(3), formatNumber(error.cosine, 6)] : ['', '', '']),
      ]),
    foot: [['all that changed', '', '', sumOf(tensors, 'a'), sumOf(tensors, 'b')]],
  });
  return rest > 0 ? `${table}\n${more(rest, 'tensors')}` : table;
}

const more = (count: number, what: string): string => `and ${formatCount(count)} ${what} more: --all shows them`;

function shapeOf(a: ChangedTensor['a'], b: ChangedTensor['b']): string {
  const words = [a, b].flatMap((side) => (side ? [`${side.dtype} ${formatDims(side.dims)}`] : []));
  return [...new Set(words)].join(' → ');
}

const sumOf = (tensors: readonly ChangedTensor[], side: 'a' | 'b'): string =>
  formatCount(tensors.reduce((sum, tensor) => sum + (tensor[side]?.bytes ?? 0), 0));
