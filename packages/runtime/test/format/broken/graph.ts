/** Files whose graph breaks a rule. */
import { fileOf, graph, joined, oneNode } from '../../help/crafted.js';
import type { Broken } from './broken.js';

export const brokenGraphs: readonly Broken[] = [
  { rule: 'F-22', how: 'an element type 8 (string)', file: fileOf(graph({ declared: [{ dtype: 8 }] })), code: 'input.pith-value' },
  {
    rule: 'F-23',
    how: 'dims whose product overflows',
    file: fileOf(graph({ declared: [{ dims: [2 ** 40, 2 ** 40] }] })),
    code: 'input.pith-value',
  },
  {
    rule: 'F-21',
    how: 'a tensor that is itself again',
    file: fileOf(graph({ declared: [{ dtype: 0, dims: [] }] })),
    code: 'input.pith-value',
  },
  {
    rule: 'F-24',
    how: 'an output that is the second value of one node',
    file: fileOf(
      graph({
        nodes: oneNode(),
        outputs: (out) => {
          out.varint(1);
          out.varint(2);
          out.string('y');
          for (const part of [1, 0]) out.varint(part);
        },
      }),
    ),
    code: 'input.pith-value',
  },
  {
    rule: 'F-25',
    how: 'an operator beyond the vocabulary',
    file: fileOf(graph({ nodes: oneNode({ op: 5000 }) })),
    code: 'unsupported.pith-word',
  },
  {
    rule: 'F-26',
    how: 'an attribute beyond the vocabulary',
    file: fileOf(
      graph({
        nodes: oneNode({
          attributes: (out) => {
            out.varint(1);
            out.varint(5000);
            out.u8(0);
          },
        }),
      }),
    ),
    code: 'unsupported.pith-word',
  },
  {
    rule: 'F-27',
    how: 'group twice',
    file: fileOf(
      graph({
        nodes: oneNode({
          attributes: (out) => {
            for (const part of [2, 5, 2, 5, 4]) out.varint(part);
          },
        }),
      }),
    ),
    code: 'input.pith-value',
  },
  {
    rule: 'F-28',
    how: 'a node that reads a value before the first',
    file: fileOf(graph({ nodes: oneNode({ reference: 4 }) })),
    code: 'input.pith-value',
  },
  {
    rule: 'F-29',
    how: 'two inputs of one name',
    file: fileOf(
      graph({
        inputs: (out) => {
          out.varint(2);
          for (let i = 0; i < 2; i++) {
            out.string('x');
            for (const part of [1, 0]) out.varint(part);
          }
        },
      }),
    ),
    code: 'input.pith-value',
  },
  { rule: 'F-30', how: 'a tensor named v0', file: fileOf(graph({ declared: [{ name: 'v0' }] }), [], 16), code: 'input.pith-value' },
  { rule: 'F-31', how: 'a byte behind the graph', file: fileOf(joined(graph(), Uint8Array.of(0))), code: 'input.pith-value' },
];
