/**
 * Our curve: what `pith squeeze` does at one global constant after the other. A model is looked at once and then quantized at each; the
 * command's search for a target is left out, so that a curve costs little more than a point.
 */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { onnxruntimeNode } from '../../packages/pith/dist/engine/onnxruntime-node.js';
import { openSamples } from '../../packages/pith/dist/library/squeeze-data.js';
import { squeezeSettings } from '../../packages/pith/dist/library/squeeze-options.js';
import { loadModel, saveModel } from '../../packages/pith/dist/onnx/file.js';
import { prepareSqueeze } from '../../packages/pith/dist/squeeze/squeeze.js';
import { readPith, toModel, writePith } from '../../packages/runtime/dist/index.js';
import type { Point } from './curve.js';
import type { Quality } from './judge.js';

export interface OurCurve {
  readonly effort: number;
  /** Inputs that the model was looked at with: the user's, or made ones. */
  readonly samples: { readonly count: number; readonly origin: string };
  /** Of looking at the model, before anything is quantized. */
  readonly lookSeconds: number;
  readonly points: readonly Point[];
}

export interface CurveJob {
  readonly model: string;
  /** Where decoded models are kept for the moment. */
  readonly folder: string;
  readonly effort: number;
  /** A folder of samples without labels; undefined: none. */
  readonly calibrate: string | undefined;
  /** Constants, as octaves from the usual one. */
  readonly octaves: readonly number[];
  readonly judge: (file: string) => Promise<Quality>;
}

const seed = 7;
const threads = 0;
const secondsSince = (began: number): number => (performance.now() - began) / 1000;

export async function ourCurve({ model: path, folder, effort, calibrate, octaves, judge }: CurveJob): Promise<OurCurve> {
  const model = await loadModel(path);
  const began = performance.now();
  const { samples } = await openSamples(
    model,
    squeezeSettings({ model, effort, seed, threads, ...(calibrate !== undefined && { calibrate }) }),
  );
  const prepared = await prepareSqueeze({ model, engine: onnxruntimeNode, threads, effort, samples, seed });
  const lookSeconds = secondsSince(began);
  const points: Point[] = [];
  for (const octave of octaves) {
    const constant = prepared.constants.usual * 2 ** octave;
    const from = performance.now();
    const { bytes } = writePith({ model: prepared.model, stored: await prepared.quantize(constant) });
    const encodeSeconds = lookSeconds + secondsSince(from);
    const back = performance.now();
    const decoded = toModel(readPith(bytes));
    const decodeSeconds = secondsSince(back);
    const file = join(folder, 'ours.onnx');
    await saveModel(file, decoded);
    points.push({ setting: constant.toPrecision(3), bytes: bytes.length, ...(await judge(file)), encodeSeconds, decodeSeconds });
    await rm(file);
  }
  return { effort, samples: { count: samples.count, origin: samples.origin }, lookSeconds, points };
}
