/**
 * Training steps of pith against PyTorch, in turns: a short round of each, again and again, so that both meet the same machine. Before
 * that, the losses of the first ten steps from the same weights must agree.
 *
 *   npm run build && PYTHON=python3 node bench/run.mjs training [--rounds 9] [--seconds 0.7] [--threads 2] [--only lenet-5/64] [--name NAME]
 *
 * Writes bench/results/NAME.json and, as a table, NAME.md. PYTHON is an interpreter with torch and numpy.
 */
import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { availableParallelism, cpus, loadavg } from 'node:os';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import { onnxruntimeNode } from '../packages/pith/dist/engine/onnxruntime-node.js';
import { type Case, cases, nameOf, taskOf } from './training/case.js';
import { ours, session, workers } from './training/ours.js';
import type { Side } from './training/side.js';
import { type CaseResult, type Results, tableOf } from './training/table.js';
import { twin } from './training/twin.js';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '9' },
    seconds: { type: 'string', default: '0.7' },
    threads: { type: 'string', default: String(availableParallelism()) },
    only: { type: 'string', multiple: true },
    name: { type: 'string', default: 'training' },
    python: { type: 'string', default: process.env['PYTHON'] ?? 'python3' },
    memory: { type: 'string' },
  },
});
const threads = Number(values.threads);
const tolerance = 1e-3;

const print = (line: string): void => void process.stdout.write(`${line}\n`);
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

const median = (list: readonly number[]): number => [...list].sort((a, b) => a - b)[list.length >> 1]!;

async function measure(of: Case): Promise<CaseResult> {
  const task = taskOf(of, threads);
  const torch = await twin(values.python, of, task, threads);
  const sides: Side[] = [await ours('session', task, session(threads)), await ours('workers', task, workers(threads)), ...torch.sides];
  try {
    const first: (readonly number[])[] = [];
    for (const side of sides) first.push((await side.run(10)).losses);
    const apart = first.map((losses) => Math.max(...losses.map((loss, i) => Math.abs(loss - first.at(-1)![i]!))));
    if (!(Math.max(...apart) <= tolerance)) throw new Error(`${nameOf(of)}: losses differ: ${JSON.stringify(first)}`);
    const steps = sides.map(() => 0);
    const times = sides.map((): number[] => []);
    for (const [i, side] of sides.entries()) {
      const { ms } = await side.run(5);
      steps[i] = Math.max(3, Math.round((Number(values.seconds) * 1000 * 5) / ms));
    }
    for (let round = 0; round < Number(values.rounds); round++)
      for (const [i, side] of sides.entries()) {
        await pause(100);
        times[i]!.push((await side.run(steps[i]!)).ms / steps[i]!);
      }
    return {
      case: nameOf(of),
      batch: of.batch,
      torch: torch.about,
      apart: Math.max(...apart),
      sides: sides.map((side, i) => ({ name: side.name, ms: times[i]!, median: median(times[i]!), least: Math.min(...times[i]!) })),
    };
  } finally {
    for (const side of sides) await side.close();
  }
}

/** In a process of its own: the most memory that training takes. */
async function memoryOf(name: string): Promise<void> {
  const task = taskOf(cases.find((c) => nameOf(c) === name)!, 1);
  const side = await ours('session', task, session(threads));
  await side.run(200);
  await side.close();
  print(JSON.stringify({ megabytes: process.resourceUsage().maxRSS / 1000 }));
}

async function main(): Promise<void> {
  if (values.memory !== undefined) return memoryOf(values.memory);
  const chosen = cases.filter((c) => values.only?.includes(nameOf(c)) ?? true);
  const results: CaseResult[] = [];
  const loadBefore = loadavg()[0]!;
  for (const of of chosen) {
    results.push(await measure(of));
    print(tableOf({ cases: results.slice(-1) }));
  }
  const child = await promisify(execFile)(process.execPath, [fileURLToPath(import.meta.url), '--memory', 'lenet-5/64']);
  const all: Results = {
    version: 1,
    machine: { cpu: cpus()[0]!.model, cores: availableParallelism(), threads, loadBefore },
    versions: { node: process.version, onnxruntime: onnxruntimeNode.version, torch: results[0]!.torch.torch },
    peakMegabytes: { 'lenet-5/64': (JSON.parse(child.stdout) as { megabytes: number }).megabytes },
    cases: results,
  };
  const file = fileURLToPath(new URL(`../results/${values.name}`, import.meta.url));
  await mkdir(dirname(file), { recursive: true });
  await writeFile(`${file}.json`, `${JSON.stringify(all, undefined, 1)}\n`);
  await writeFile(`${file}.md`, tableOf(all));
  print(tableOf(all));
}

await main();
