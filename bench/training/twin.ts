/** The same training in PyTorch: a process of training_twin.py, which is told over lines of JSON what to do. */
import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { type Case, momentum, rate, type Task } from './case.js';
import type { Side } from './side.js';

export interface Twin {
  /** PyTorch's version, and the variant that was fastest of those it tried: milliseconds of a step. */
  readonly about: { readonly torch: string; readonly variant: string; readonly tried: Readonly<Record<string, number>> };
  /** As PyTorch is if one asks for nothing, and the fastest variant; closing the last ends the process. */
  readonly sides: readonly [Side, Side];
}

export async function twin(python: string, { network, batch }: Case, task: Task, threads: number): Promise<Twin> {
  const folder = await mkdtemp(join(tmpdir(), 'twin-'));
  const weights = [...task.model.graph.initializers].filter(([, t]) => t.dtype === 'float32');
  const bytes = (list: readonly (Float32Array | Int32Array)[]): Uint8Array =>
    Buffer.concat(list.map((a) => new Uint8Array(a.buffer, a.byteOffset, a.byteLength)));
  await writeFile(join(folder, 'weights.bin'), bytes(weights.map(([, t]) => t.data as Float32Array)));
  await writeFile(join(folder, 'images.bin'), bytes(task.images));
  await writeFile(join(folder, 'labels.bin'), bytes(task.labels));
  const described = weights.map(([name, t]) => ({ name, dims: t.dims }));
  await writeFile(
    join(folder, 'task.json'),
    JSON.stringify({ network, batch, threads, rate, momentum, dims: task.dims, batches: task.images.length, weights: described }),
  );
  // From bench/dist/.
  const script = fileURLToPath(new URL('../training_twin.py', import.meta.url));
  const child = spawn(python, [script, folder], { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const answer = async <T>(): Promise<T> => {
    const { value, done } = await lines.next();
    if (done) throw new Error(`${python} ended; does it have torch and numpy?`);
    return JSON.parse(value) as T;
  };
  const about = await answer<Twin['about']>();
  const side = (name: string, variant: string, close: Side['close']): Side => ({
    name,
    async run(steps) {
      child.stdin.write(`${variant} ${steps}\n`);
      return answer();
    },
    close,
  });
  const end = async (): Promise<void> => {
    child.stdin.end();
    await new Promise((resolve) => (child.exitCode === null ? child.once('exit', resolve) : resolve(0)));
    await rm(folder, { recursive: true });
  };
  return {
    about,
    sides: [side('PyTorch, default', 'default', async () => undefined), side(`PyTorch, ${about.variant}`, 'fastest', end)],
  };
}
