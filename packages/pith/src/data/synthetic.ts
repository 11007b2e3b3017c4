/**
 * Digits that need no download: skeletons (glyphs.ts) with shaken control points, slanted, turned, stretched and moved, drawn with a pen of
 * random width, softness and pressure, under noise. 28×28 bytes, white on black. Only additions, multiplications, divisions and square
 * roots touch a pixel, so that the bytes are the same on every machine. Meant for demos and tests: quote results on real data.
 */
import { PithError } from '../base/errors.js';
import { checkKeys } from '../base/options.js';
import { turn } from './angle.js';
import type { Dataset, Split } from './dataset.js';
import { type Glyph, glyphs, type Stroke } from './glyphs.js';
import { SampleRandom } from './sample-random.js';

export interface SyntheticOptions {
  /** Default 1. */
  readonly seed?: number;
  /** Images; default 10,000. */
  readonly train?: number;
  /** Images; default 2,000. */
  readonly test?: number;
}

const SIDE = 28;
const SPAN = 6; // straight pieces from one control point of a curve to the next
const RADIAN = Math.PI / 180;

/** Classes '0' … '9', equally many of each, in turn. Throws `usage.option`. */
export function syntheticDigits(options: SyntheticOptions = {}): Dataset {
  checkKeys('syntheticDigits', options, { seed: 1, train: 1, test: 1 });
  const { seed = 1, train = 10_000, test = 2_000 } = options;
  for (const [option, count] of Object.entries({ train, test }))
    if (!Number.isInteger(count) || count < 1 || count > 1_000_000)
      throw new PithError('usage.option', { at: { option }, expected: 'a whole number in 1 … 1000000', got: String(count) });
  return { name: 'synthetic-digits', classes: [...'0123456789'], train: draw(train, seed, 0), test: draw(test, seed, 1) };
}

function draw(count: number, seed: number, part: number): Split {
  const images = new Uint8Array(count * SIDE * SIDE);
  const labels = Uint16Array.from({ length: count }, (_, i) => i % 10);
  const random = new SampleRandom();
  const pen = new Float64Array(SIDE * SIDE);
  for (let i = 0; i < count; i++) drawDigit(labels[i]!, random.seed(seed, part, i), pen, images, i * SIDE * SIDE);
  return { images, count, channels: 1, height: SIDE, width: SIDE, labels };
}

function drawDigit(digit: number, random: SampleRandom, ink: Float64Array, images: Uint8Array, at: number): void {
  const ways = glyphs[digit]!;
  const path = placed(ways[random.below(ways.length)]!, random);
  const radius = 0.55 + 0.95 * random.unit();
  const soft = 0.5 + 0.7 * random.unit(); // half the width of the fading rim
  ink.fill(0);
  for (let i = 0; i < path.length; i += 4) drawPiece(ink, path[i]!, path[i + 1]!, path[i + 2]!, path[i + 3]!, radius, soft);
  const bright = 150 + 105 * random.unit();
  const rough = 16 * random.unit();
  for (let i = 0; i < ink.length; i++) images[at + i] = Math.round(Math.min(255, Math.max(0, bright * ink[i]! + rough * random.bell())));
}

/** The strokes as straight pieces x0, y0, x1, y1 in pixels, after a random change of shape, slant, turn, size and place. */
function placed(glyph: Glyph, random: SampleRandom): number[] {
  const { cos, sin } = turn(random.around(11 * RADIAN));
  const wide = 0.2 * (0.95 + random.around(0.2));
  const high = 0.2 * (1 + random.around(0.14));
  const slant = random.around(0.25);
  const dx = SIDE / 2 - 0.5 + random.around(1.7);
  const dy = SIDE / 2 - 0.5 + random.around(1.7);
  const shake = 4 + 8 * random.unit();
  const pieces: number[] = [];
  for (const stroke of glyph) {
    const points: number[] = [];
    for (let i = 0; i < stroke.points.length; i += 2) {
      const y = (stroke.points[i + 1]! - 50 + random.around(shake)) * high;
      const x = (stroke.points[i]! - 50 + random.around(shake)) * wide - slant * y;
      points.push(cos * x - sin * y + dx, sin * x + cos * y + dy);
    }
    addPieces(pieces, stroke.kind, points);
  }
  return pieces;
}

function addPieces(pieces: number[], kind: Stroke['kind'], points: readonly number[]): void {
  const count = points.length / 2;
  const last = kind === 'loop' ? count : count - 1;
  // Beyond its ends a curve goes on to its end point, a loop to its other side.
  const point = (i: number, axis: number) =>
    points[2 * (kind === 'loop' ? (i + count) % count : Math.min(Math.max(i, 0), count - 1)) + axis]!;
  for (let i = 0; i < last; i++) {
    const steps = kind === 'line' ? 1 : SPAN;
    let x = point(i, 0);
    let y = point(i, 1);
    for (let s = 1; s <= steps; s++) {
      const t = s / steps;
      const at = (axis: number) =>
        kind === 'line' ? point(i + 1, axis) : spline(point(i - 1, axis), point(i, axis), point(i + 1, axis), point(i + 2, axis), t);
      const nextX = at(0);
      const nextY = at(1);
      pieces.push(x, y, nextX, nextY);
      x = nextX;
      y = nextY;
    }
  }
}

/** Catmull–Rom between b and c. */
const spline = (a: number, b: number, c: number, d: number, t: number): number =>
  b + 0.5 * t * (c - a + t * (2 * a - 5 * b + 4 * c - d + t * (3 * (b - c) + d - a)));

/** Lets every pixel near the piece have at least the ink that its distance gives: 1 within `radius − soft`, 0 beyond `radius + soft`. */
function drawPiece(ink: Float64Array, x0: number, y0: number, x1: number, y1: number, radius: number, soft: number): void {
  const reach = radius + soft;
  const ux = x1 - x0;
  const uy = y1 - y0;
  const length2 = ux * ux + uy * uy;
  const left = Math.max(0, Math.ceil(Math.min(x0, x1) - reach));
  const right = Math.min(SIDE - 1, Math.floor(Math.max(x0, x1) + reach));
  const top = Math.max(0, Math.ceil(Math.min(y0, y1) - reach));
  const bottom = Math.min(SIDE - 1, Math.floor(Math.max(y0, y1) + reach));
  for (let y = top; y <= bottom; y++)
    for (let x = left; x <= right; x++) {
      const along = length2 > 0 ? ((x - x0) * ux + (y - y0) * uy) / length2 : 0;
      const t = Math.min(1, Math.max(0, along));
      const ex = x0 + t * ux - x;
      const ey = y0 + t * uy - y;
      const far2 = ex * ex + ey * ey;
      if (far2 >= reach * reach) continue;
      const amount = Math.min(1, (reach - Math.sqrt(far2)) / (2 * soft));
      const i = y * SIDE + x;
      if (amount > ink[i]!) ink[i] = amount;
    }
}
