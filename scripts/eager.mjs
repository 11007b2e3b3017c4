/**
 * Marks, in what the compiler wrote, the functions that a first load calls. An engine skims a function when its module is loaded, and reads
 * it once more and compiles it when it is first called: of a first load that is a good part of the time. A function that stands in
 * parentheses is taken for one that is called soon, and is compiled with its module, in a browser aside from the page
 * (https://v8.dev/blog/preparser#pife); esbuild, rollup and Vite keep the parentheses, the minifier of webpack does not. Lines stay where
 * they are, and so their maps hold.
 */
import { Session } from 'node:inspector/promises';
import { parse } from 'acorn';
import { fullAncestor } from 'acorn-walk';
import MagicString from 'magic-string';
import { samples } from './samples.mjs';

/** By the address of its module, where each function begins and ends that a first load and run call. */
export async function calledIn(entry) {
  const session = new Session();
  session.connect();
  await session.post('Profiler.enable');
  await session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: false });
  const { load, writePith } = await import(entry.href);
  const files = samples(writePith);
  // starts anew: writing does not count
  await session.post('Profiler.takePreciseCoverage');
  for (const file of files) await (await load(file)).run({ image: new Float32Array(784) });
  const { result } = await session.post('Profiler.takePreciseCoverage');
  session.disconnect();
  const ranges = (functions) => functions.map(({ ranges: [whole] }) => whole).filter(({ count }) => count > 0);
  return new Map(result.map(({ url, functions }) => [url, ranges(functions)]));
}

const at = (text, node) => text.slice(node.start, node.end);
const kindOf = ({ async, generator }) => `${async ? 'async ' : ''}function${generator ? '*' : ''}`;

/** A function of a module: one that is mentioned at the margin above it, where only a declaration is there already, stays one. */
function declaration(edited, text, node, [parent, above]) {
  const whole = parent.type === 'ExportNamedDeclaration' ? parent : node;
  if ((whole === node ? parent : above).type !== 'Program') return;
  if (new RegExp(`^[^ /*].*\\b${node.id.name}\\b`, 'm').test(text.slice(0, whole.start))) return;
  const exported = whole === node ? '' : 'export ';
  edited.update(whole.start, node.id.end, `${exported}const ${node.id.name} = (${kindOf(node)} `);
  edited.appendLeft(node.end, ');');
}

/** As a function that is no arrow, which V8 does not mark in Node 20. */
function arrow(edited, text, node) {
  const found = /^(?:async )?(\([^()]*\)|\w+) => /.exec(at(text, node));
  if (!found || /\b(?:this|super|arguments)\b|new\.target/.test(at(text, node))) return;
  const [head, parameters] = found;
  const list = parameters.startsWith('(') ? parameters : `(${parameters})`;
  edited.update(node.start, node.start + head.length, `(${kindOf(node)} ${list} ${node.expression ? '{ return ' : ''}`);
  edited.appendLeft(node.end, node.expression ? '; })' : ')');
}

/** A method, of an object or a class, as a property. */
function method(edited, text, node, [parent]) {
  if (parent.computed || parent.key.type !== 'Identifier' || /\bsuper\b/.test(at(text, node))) return;
  const name = parent.key.name;
  const ofClass = parent.type === 'MethodDefinition';
  const property = ofClass ? `static { this${parent.static ? '' : '.prototype'}.${name} = ` : `${name}: `;
  edited.update(parent.start, node.start, `${property}(${kindOf(node)} `);
  edited.appendLeft(node.end, ofClass ? '); }' : ')');
}

const isMethod = (node, parent) => parent?.value === node && (parent.kind === 'method' || parent.method === true);

/** The text of a module with functions marked that were called; arrow functions too where that is asked. */
function marked(text, called, arrows) {
  const edited = new MagicString(text);
  // V8 tells where a function ends, and where it begins: in front of its parameters or of what stands before them
  const isCalled = (node, from) =>
    called.some((one) => one.endOffset === node.end && one.startOffset >= from && one.startOffset < node.body.start);
  fullAncestor(parse(text, { ecmaVersion: 'latest', sourceType: 'module' }), (node, _, path) => {
    const above = path.slice(0, -1).reverse();
    if (node.body === undefined || !isCalled(node, (isMethod(node, above[0]) ? above[0] : node).start)) return;
    if (node.type === 'FunctionDeclaration') declaration(edited, text, node, above);
    else if (node.type === 'ArrowFunctionExpression' && arrows) arrow(edited, text, node);
    else if (isMethod(node, above[0])) method(edited, text, node, above);
  });
  return edited.toString();
}

/** With functions that stand for themselves marked, and methods. */
export const withDeclarations = (text, called) => marked(text, called, false);

/** With arrow functions marked too. */
export const withAll = (text, called) => marked(text, called, true);
