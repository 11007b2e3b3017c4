/**
 * The page docs/coverage.md: what pith does with each operator, written from the list of operators itself, so that it cannot claim what is
 * not there. `test/coverage-page.test.ts` compares it with the committed page; `GOLDEN=write npx vitest run test/coverage-page.test.ts`
 * writes it anew.
 */
import { readFileSync } from 'node:fs';
import { ops } from '../packages/pith/src/ops/list.js';
import { free, type Gradient, NodeView, type Op } from '../packages/pith/src/ops/op.js';

export interface CoverageFacts {
  /** Samples of the conformance suite by operator. */
  readonly samples: ReadonlyMap<string, number>;
  /** Operators that pith-runtime has a kernel for. */
  readonly kernels: ReadonlySet<string>;
}

/** The page as Markdown. */
export function coveragePage(facts: CoverageFacts): string {
  const list: readonly Op[] = ops;
  const count = (kind: Gradient['kind']): number => list.filter((op) => op.gradient.kind === kind).length;
  const runs = list.filter((op) => facts.kernels.has(op.name)).length;
  return [
    '# Operators',
    '',
    '<!-- Written by scripts/coverage.ts; do not edit. GOLDEN=write npx vitest run test/coverage-page.test.ts -->',
    '',
    `${list.length} operators of ONNX, opsets 13 to 23. ${count('rule')} have a gradient rule, ${count('zero')} have a gradient that is zero, ` +
      `${count('missing')} owe one; pith-runtime runs ${runs}.`,
    '',
    '- **Shape**: output types from input types; a model with other operators still loads, and its weights can be coded.',
    '- **Gradient**: ✔ is a rule made of standard operators, checked against finite differences of the reference and run in ONNX Runtime.',
    '- **Cost**: whether its multiply-adds are counted; the others count as free.',
    '- **Reference**: a definition in float64, checked against ONNX Runtime on so many samples.',
    '- **Run**: pith-runtime has a kernel.',
    '',
    '| Operator | What it is | Shape | Gradient | Cost | Reference | Run |',
    '|---|---|---|---|---|---|---|',
    ...list.map((op) => row(op, facts)),
    '',
  ].join('\n');
}

function row(op: Op, { samples, kernels }: CoverageFacts): string {
  const { gradient } = op;
  const cells = [
    `[${op.name}](https://onnx.ai/onnx/operators/onnx__${op.name}.html)`,
    definition(op.name),
    '✔',
    gradient.kind === 'rule' ? '✔' : `${gradient.kind}: ${gradient.why}`,
    isFree(op) ? 'free' : 'counted',
    `✔ ${samples.get(op.name) ?? 0}`,
    kernels.has(op.name) ? '✔' : '',
  ];
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
}

/** The first sentence of the file's doc comment. */
function definition(name: string): string {
  const text = readFileSync(new URL(`../packages/pith/src/ops/${name}.ts`, import.meta.url), 'utf8');
  const comment = /\/\*\*([\s\S]*?)\*\//.exec(text)?.[1] ?? '';
  const flowing = comment.replace(/\s*\n\s*\*\s?/g, ' ').trim();
  return /^.*?[.](?=\s+[A-Z0-9−]|$)/.exec(flowing)?.[0] ?? flowing;
}

/** A cost that is free without looking at the node; a rule that counts needs shapes, which a bare node lacks. */
function isFree(op: Op): boolean {
  const bare = { op: op.name, domain: '', name: op.name, inputs: [], outputs: [], attributes: new Map() };
  try {
    return op.cost(new NodeView(bare, 18, [])) === free;
  } catch {
    return false;
  }
}
