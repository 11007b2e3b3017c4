/**
 * The fuzzer: `node fuzz/run.mjs TARGET [SECONDS] [--count N] [--seed N] [--log]`. Input n of a seed is always the same one, so a
 * finding is made again by its number (`--from N --count 1`). Findings are saved to fuzz/seeds/TARGET and end the run with exit code 1.
 * `--log` writes fuzz/logs/TARGET.json. A watchdog ends the process where one input takes more than ten seconds, naming it or the first of its batch.
 */
import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';
import { coderTargets } from './coders.js';
import { formatTargets } from './format.js';
import { judgeAll } from './judge.js';
import { inputOf } from './mutate.js';
import { target as onnx } from './onnx.js';
import { target as pith, roundTrip } from './pith.js';
import { target as plan } from './plan.js';
import type { Target } from './target.js';

/** One line for each target. */
const targets: readonly Target[] = [...coderTargets, ...formatTargets, onnx, pith, plan, roundTrip];

/** Inputs between two looks at memory. */
const batch = 16;

/** Ends the process when the number in shared memory stands still. */
const watchdog = `
  const { workerData } = require('node:worker_threads');
  let last = -1;
  setInterval(() => {
    const now = Atomics.load(workerData, 0);
    if (now === last) {
      require('node:fs').writeSync(2, 'input ' + now + ' hangs: run it again with --from ' + now + ' --count 1\\n');
      process.kill(process.pid, 'SIGKILL');
    }
    last = now;
  }, 10000);`;

function main(): void {
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: { count: { type: 'string' }, seed: { type: 'string' }, from: { type: 'string' }, log: { type: 'boolean' } },
  });
  const target = targets.find(({ name }) => name === positionals[0]);
  if (!target) {
    console.error(
      `usage: node fuzz/run.mjs ${targets.map(({ name }) => name).join('|')} [SECONDS] [--count N] [--seed N] [--from N] [--log]`,
    );
    process.exit(2);
  }
  const seed = Number(values.seed ?? 1);
  const first = Number(values.from ?? 0);
  const count = Number(values.count ?? Infinity);
  const seconds = Number(positionals[1] ?? (values.count ? Infinity : 60));

  const progress = new Int32Array(new SharedArrayBuffer(4));
  const worker = new Worker(watchdog, { eval: true, workerData: progress });
  worker.unref();
  const seeds = target.seeds();
  const outcomes = new Map<string, number>();
  const start = performance.now();
  const elapsed = (): number => (performance.now() - start) / 1000;
  let findings = 0;
  let n = first;
  let said = 0;
  const next = (at: number): Uint8Array | undefined => (target.counted ? target.counted(seeds, at) : inputOf(target, seeds, seed, at));
  while (n < first + count && elapsed() < seconds && findings < 20) {
    Atomics.store(progress, 0, n);
    const inputs: Uint8Array[] = [];
    for (let bytes = next(n); bytes && inputs.length < Math.min(batch, first + count - n); bytes = next(n + inputs.length))
      inputs.push(bytes);
    if (inputs.length === 0) break;
    for (const [i, { outcome, finding }] of judgeAll(target, inputs).entries()) {
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
      if (finding === undefined) continue;
      findings++;
      console.error(`input ${n + i} of seed ${seed}: ${finding}\n  saved as ${save(target.name, inputs[i]!)}`);
    }
    n += inputs.length;
    if (elapsed() - said > 10) {
      said = elapsed();
      console.error(`${target.name}: ${n - first} inputs, ${findings} findings, ${Math.round(said)} s`);
    }
  }

  const result = {
    target: target.name,
    date: new Date().toISOString().slice(0, 10),
    seed,
    from: first,
    count: n - first,
    findings,
    seconds: Math.round(elapsed()),
    node: process.version,
    seeds: seeds.length,
    outcomes: Object.fromEntries([...outcomes].sort(([, a], [, b]) => b - a)),
  };
  console.log(JSON.stringify(result, null, 2));
  if (values.log) {
    mkdirSync(new URL('./logs/', import.meta.url), { recursive: true });
    writeFileSync(new URL(`./logs/${target.name}.json`, import.meta.url), `${JSON.stringify(result, null, 2)}\n`);
  }
  process.exit(findings > 0 ? 1 : 0);
}

function save(target: string, bytes: Uint8Array): string {
  const folder = new URL(`./seeds/${target}/`, import.meta.url);
  mkdirSync(folder, { recursive: true });
  const name = `found-${createHash('sha256').update(bytes).digest('hex').slice(0, 16)}`;
  writeFileSync(new URL(name, folder), bytes);
  return `fuzz/seeds/${target}/${name}`;
}

main();
