/** Compresses or resumes in a process of its own, to be killed: `crash-child.mjs RUN DATA [resume]`, recipe on stdin; a line for each progress. */
import { readFileSync, writeSync } from 'node:fs';
import { compress, resume } from '../../dist/index.js';

// Time runs fast here, so that checkpoints inside of training, seconds apart, are taken every few steps.
const now = performance.now.bind(performance);
performance.now = () => 400 * now();

const [run, data, verb] = process.argv.slice(2);
const { model, recipe } = JSON.parse(readFileSync(0, 'utf8'));
const onProgress = (p) => writeSync(1, `${p.index}.${p.fit?.step ?? 0}\n`);
if (verb === 'resume') await resume(run, { onProgress });
else await compress({ model, recipe, data, run, threads: 1, onProgress });
writeSync(1, 'done\n');
