/** The peer's curve: nncodec_peer.py in Python, its decoded models judged as ours are. */
import { spawn } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Point } from './curve.js';
import type { Quality } from './judge.js';

export interface Peer {
  readonly version: string;
  readonly weights: number;
  readonly points: readonly Point[];
}

export interface PeerJob {
  readonly python: string;
  readonly model: string;
  /** Where decoded models are kept for the moment. */
  readonly folder: string;
  readonly qps: readonly string[];
  readonly judge: (file: string) => Promise<Quality>;
}

interface Line {
  readonly qp: number;
  readonly version: string;
  readonly weights: number;
  readonly bytes: number;
  readonly encodeSeconds: number;
  readonly decodeSeconds: number;
}

export async function peerCurve({ python, model, folder, qps, judge }: PeerJob): Promise<Peer> {
  // From bench/dist/.
  const script = fileURLToPath(new URL('../nncodec_peer.py', import.meta.url));
  const child = spawn(python, [script, model, folder, ...qps], { stdio: ['ignore', 'pipe', 'inherit'] });
  const lines: Line[] = [];
  const points: Point[] = [];
  for await (const text of createInterface({ input: child.stdout })) {
    const line = JSON.parse(text) as Line;
    const file = join(folder, `${line.qp}.onnx`);
    const { bytes, encodeSeconds, decodeSeconds } = line;
    points.push({ setting: `qp ${line.qp}`, bytes, ...(await judge(file)), encodeSeconds, decodeSeconds });
    await rm(file);
    lines.push(line);
  }
  const last = lines.at(-1);
  if (lines.length !== qps.length || !last) throw new Error(`${python} ended after ${lines.length} of ${qps.length} settings`);
  return { version: last.version, weights: last.weights, points };
}
