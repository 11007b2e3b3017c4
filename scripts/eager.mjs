/**
 * Marks, in what the compiler wrote, the functions that a first load calls. An engine skims a function when its module is loaded, and reads
 * it once more and compiles it when it is first called: of a first load that is a good part of the time. A function that stands in
 * parentheses is taken for one that is called soon, and is compiled with its module, in a browser aside from the page
 * (https://v8.dev/blog/preparser#pife); esbuild, rollup and Vite keep the parentheses, the minifier of webpack does not. Lines stay where
 * they are, and so their maps hold.
 */
import { Session } from 'node:inspector/promises';
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

/** A function of a module, as the compiler writes it: its lines begin at the margin. */
const declared = /(?:^|\n)(export )?((?:async )?function) (\w+)$/;

/** One that is mentioned at the margin above it, where only a declaration is there already, stays one. */
function declaration(text, start, end) {
  const paren = text.indexOf('(', start);
  const found = declared.exec(text.slice(0, paren));
  if (!found || paren - start > found[0].length) return [];
  const [, exported = '', kind, name] = found;
  const line = text.lastIndexOf('\n', start) + 1;
  if (new RegExp(`^[^ /*].*\\b${name}\\b`, 'm').test(text.slice(0, line))) return [];
  return [
    { from: line, to: paren, text: `${exported}const ${name} = (${kind} ` },
    { from: end, to: end, begin: start, text: ');' },
  ];
}

/** As a function that is no arrow, which V8 does not mark in Node 20. */
function arrow(text, start, end) {
  const found = /^(async )?(\([^()]*\)|\w+) => /.exec(text.slice(start, end));
  if (!found || /\b(?:this|super|arguments)\b|new\.target/.test(text.slice(start, end))) return [];
  const [head, kind = '', parameters] = found;
  const block = text[start + head.length] === '{';
  const list = parameters.startsWith('(') ? parameters : `(${parameters})`;
  return [
    { from: start, to: start + head.length, text: `(${kind}function ${list} ${block ? '' : '{ return '}` },
    { from: end, to: end, begin: start, text: block ? ')' : '; })' },
  ];
}

function edited(text, edits) {
  // what ends at one place ends from the inside out, and before anything begins there
  const order = edits.toSorted((a, b) => a.from - b.from || a.to - b.to || b.begin - a.begin);
  let out = '';
  let at = 0;
  for (const { from, to, text: by } of order) {
    out += text.slice(at, from) + by;
    at = to;
  }
  return out + text.slice(at);
}

/** With the declarations of a module marked that were called. */
export const withDeclarations = (text, called) =>
  edited(
    text,
    called.flatMap(({ startOffset, endOffset }) => declaration(text, startOffset, endOffset)),
  );

/** With its arrow functions marked too. */
export const withAll = (text, called) =>
  edited(
    text,
    called.flatMap(({ startOffset, endOffset }) => [...declaration(text, startOffset, endOffset), ...arrow(text, startOffset, endOffset)]),
  );
