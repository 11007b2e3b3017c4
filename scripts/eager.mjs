/**
 * Marks, in what the compiler wrote, the functions that a first load calls. An engine skims a function when its module is loaded, and reads
 * it once more and compiles it when it is first called: of a first load that is a good part of the time. A function that stands in
 * parentheses is taken for one that is called soon, and is compiled with its module, in a browser aside from the page
 * (https://v8.dev/blog/preparser#pife); bundlers keep the parentheses. Lines stay where they are, and so their maps hold.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { Session } from 'node:inspector/promises';
import { fileURLToPath } from 'node:url';
import { samples } from './samples.mjs';

/** By the address of its module, where each function begins that was called. */
async function calledIn(entry) {
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
  const starts = (functions) =>
    new Set(functions.filter(({ ranges: [{ count }] }) => count > 0).map(({ ranges: [{ startOffset }] }) => startOffset));
  return new Map(result.map(({ url, functions }) => [url, starts(functions)]));
}

/** As the compiler writes a function of a module: from the margin to a brace at the margin. */
const declared = /^(export )?((?:async )?function) (\w+)(\([\s\S]*?\n)\}$/gm;

/** One that is mentioned at the margin above it, where only a declaration is there already, stays one. */
const marked = (text, called) =>
  text.replace(declared, (all, exported = '', kind, name, rest, at) =>
    called.has(at + exported.length) && !new RegExp(`^[^ /*].*\\b${name}\\b`, 'm').test(text.slice(0, at))
      ? `${exported}const ${name} = (${kind} ${rest}});`
      : all,
  );

/** In the modules below `dist`. Those that are marked stay as they are. */
export async function markEager(dist) {
  for (const [url, called] of await calledIn(new URL('index.js', dist))) {
    if (!url.startsWith(dist.href)) continue;
    const path = fileURLToPath(url);
    const before = readFileSync(path, 'utf8');
    const after = marked(before, called);
    if (after !== before) writeFileSync(path, after);
  }
}
