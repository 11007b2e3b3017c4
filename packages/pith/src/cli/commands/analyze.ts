/** `pith analyze`: the bytes of a model file as a tree, the largest first. */
import type { Analysis, SizeNode } from '../../library/analyze.js';
import { formatBytes, formatCount, formatDims, formatNumber, formatPercent } from '../../report/format.js';
import { textTable } from '../../report/text-table.js';
import type { CommandSpec } from '../command.js';

export const analyzeCommand: CommandSpec = {
  name: 'analyze',
  summary: 'where the bytes of a model file are: a tree of its tensors, the largest first',
  help: `Branches follow the names of the tensors. One below half a percent of the file stays closed, and of many in a branch the small ones
are summed up; --all shows every tensor, and so does --json.

  pith analyze model.pith`,
  words: (c) => c.argument('<file>', 'an ONNX or .pith file').option('--all', 'every tensor, however small'),
  async action([file], given) {
    const { analyze } = await import('../../library/analyze.js');
    const found = await analyze(file!);
    return { text: analysisText(found, given['all'] === true ? everything : usual), json: { file, ...found } };
  },
};

interface Shown {
  /** Branches of one; the others are summed up. */
  readonly most: number;
  /** A branch with a smaller share of the file stays closed. */
  readonly share: number;
}

const usual: Shown = { most: 12, share: 0.005 };
const everything: Shown = { most: Number.POSITIVE_INFINITY, share: 0 };

function analysisText({ format, tree, bytes }: Analysis, shown: Shown): string {
  const right = (title: string) => ({ title, align: 'right' as const });
  const left = (title: string) => ({ title, align: 'left' as const });
  const columns = [left('in the file'), right('bytes'), right('share'), right('weights'), right('bits per\nweight'), right('zeros')];
  const table = textTable({
    columns: [...columns, left('shape'), left('kept as')],
    rows: [cells('', tree), ...rowsBelow(tree, '', shown)],
  });
  const { weights, bitsPerWeight } = tree;
  const head = `${tree.name}: ${format}, ${formatBytes(bytes)}, ${formatCount(weights)} weights, ${formatNumber(bitsPerWeight, 2)} bits each`;
  return `${head}\n\n${table}`;
}

function rowsBelow(node: SizeNode, indent: string, shown: Shown): string[][] {
  if (node.share < shown.share) return [];
  const few = node.children.length <= shown.most + 1 ? node.children : node.children.slice(0, shown.most);
  const rest = node.children.slice(few.length);
  const rows = few.flatMap((child, i) => {
    const last = i === few.length - 1 && rest.length === 0;
    return [cells(`${indent}${last ? '└ ' : '├ '}`, child), ...rowsBelow(child, `${indent}${last ? '  ' : '│ '}`, shown)];
  });
  return rest.length === 0 ? rows : [...rows, cells(`${indent}└ `, together(rest))];
}

function together(nodes: readonly SizeNode[]): SizeNode {
  const sum = (of: (node: SizeNode) => number): number => nodes.reduce((total, node) => total + of(node), 0);
  const [bytes, weights] = [sum((n) => n.bytes), sum((n) => n.weights)];
  return {
    name: `${nodes.length} more`,
    bytes,
    share: sum((n) => n.share),
    weights,
    bitsPerWeight: weights === 0 ? 0 : (8 * bytes) / weights,
    sparsity: weights === 0 ? 0 : sum((n) => n.sparsity * n.weights) / weights,
    children: [],
  };
}

const cells = (indent: string, { name, bytes, share, weights, bitsPerWeight, sparsity, tensor }: SizeNode): string[] => [
  indent + name,
  formatCount(bytes),
  formatPercent(share, 1),
  ...(weights === 0 ? ['', '', ''] : [formatCount(weights), formatNumber(bitsPerWeight, 2), formatPercent(sparsity, 1)]),
  tensor ? formatDims(tensor.dims) || 'one number' : '',
  tensor ? `${tensor.parametrization} ${tensor.dtype}${tensor.coder === 'none' ? '' : `, ${tensor.coder}`}` : '',
];
