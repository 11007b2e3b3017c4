/**
 * The feeds of the rate term while training goes on: prices from what the integers are every few steps, and λ, which rises at first and may
 * then be steered by the size of the file. What training needs to go on from a checkpoint is among its entries.
 */
import { levelsOfRated } from '../../parametrization/rated.js';
import { estimatedBits, type Fit, pricesOf } from './prices.js';
import type { PricedShape } from './shape.js';
import { lambdaName, levelPriceName, priceName } from './term.js';

export interface PricingOptions {
  readonly shapes: ReadonlyMap<string, PricedShape>;
  /** Loss per bit. */
  readonly lambda: number;
  /** λ begins at this share and rises geometrically over the first `ramp` of the steps. */
  readonly from: number;
  readonly ramp: number;
  /** Entries of an earlier pricing, among other arrays. */
  readonly kept?: ReadonlyMap<string, Float32Array> | undefined;
}

/** Steps between two looks at the integers, and between two at how much surroundings tell. */
const refresh = 10;
const refit = 20;
const stiffness = 4;
const factorName = 'lambda/factor';
const shareName = 'estimate/share';
const driftName = 'estimate/drift';
/** The drift follows what the last look saw by half: while λ rises it lasts, later it is noise. */
const followed = 0.5;
const lastName = 'size/last';
const fitName = (weight: string): string => `fit/${weight}`;

export class Pricing {
  private readonly options: PricingOptions;
  private readonly prices = new Map<string, Float32Array>();
  private readonly fits = new Map<string, Fit>();
  /** What steering has made of λ. */
  private factor: number;
  /** Bytes of the file over those that the chances behind the prices make; 0 before the first look. */
  private share: number;
  /** By how much the logarithm of that share has been changing from look to look. */
  private drift: number;
  /** Bytes of the file at the last look; 0 before the first. */
  private last: number;

  constructor(options: PricingOptions) {
    this.options = options;
    const { kept, shapes } = options;
    this.factor = kept?.get(factorName)?.[0] ?? 1;
    this.share = kept?.get(shareName)?.[0] ?? 0;
    this.drift = kept?.get(driftName)?.[0] ?? 0;
    this.last = kept?.get(lastName)?.[0] ?? 0;
    for (const name of shapes.keys()) {
      const fit = kept?.get(fitName(name));
      if (fit) this.fits.set(name, fit);
      for (const key of [priceName(name), levelPriceName(name)]) {
        const known = kept?.get(key);
        if (known) this.prices.set(key, known);
      }
    }
  }

  /** The feeds at a step, given the live arrays. */
  at(at: number, total: number, arrays: ReadonlyMap<string, Float32Array>): Map<string, Float32Array> {
    const { shapes, lambda, from, ramp } = this.options;
    if (at % refresh === 0 || this.prices.size === 0)
      for (const [name, shape] of shapes) {
        const before = at % refit === 0 ? undefined : this.fits.get(name);
        const { leave, level, fit } = pricesOf(levelsIn(arrays, name, shape), arrays.get(`${name}/shadow`)!, shape, before);
        this.fits.set(name, fit);
        this.prices.set(priceName(name), leave);
        this.prices.set(levelPriceName(name), Float32Array.of(level));
      }
    const rising = at < ramp * total ? from ** (1 - at / (ramp * total)) : 1;
    return new Map([...this.prices, [lambdaName, Float32Array.of(lambda * rising * this.factor)]]);
  }

  /** Bytes of the file, by the chances behind the prices and by what the coder made of these at earlier looks; undefined before the first. */
  estimate(arrays: ReadonlyMap<string, Float32Array>): number | undefined {
    return this.share > 0 ? Math.round(this.share * Math.exp(this.drift) * this.expected(arrays)) : undefined;
  }

  /** The file of these arrays had so many bytes: the contexts of the coder know more than the prices do, and the graph is in it. */
  coded(arrays: ReadonlyMap<string, Float32Array>, bytes: number): void {
    const share = bytes / this.expected(arrays);
    if (this.share > 0) this.drift = Math.fround((1 - followed) * this.drift + followed * Math.log(share / this.share));
    this.share = Math.fround(share);
  }

  private expected(arrays: ReadonlyMap<string, Float32Array>): number {
    let bits = 0;
    for (const [name, shape] of this.options.shapes) bits += estimatedBits(levelsIn(arrays, name, shape), shape);
    return Math.max(1, bits) / 8;
  }

  /**
   * Moves λ by how far the file will be from its size if it falls once more as it fell since the last look, by a factor from 1/`down` to
   * `up`: a network that is driven too fast loses what it needs. Bytes fall with λ to a power of about −1/2; twice as much again keeps up
   * with the units that go meanwhile.
   */
  steer(bytes: number, wanted: number, down: number, up: number): void {
    const foreseen = this.last > 0 ? bytes * Math.min(1, bytes / this.last) : bytes;
    this.last = Math.fround(bytes);
    this.factor = Math.fround(this.factor * Math.min(Math.max((foreseen / wanted) ** stiffness, 1 / down), up));
  }

  /** λ at the end. */
  get lambda(): number {
    return this.options.lambda * this.factor;
  }

  /** For a checkpoint. */
  entries(): [string, Float32Array][] {
    return [
      ...[...this.prices].map(([name, array]): [string, Float32Array] => [name, array.slice()]),
      ...[...this.fits].map(([name, fit]): [string, Float32Array] => [fitName(name), fit]),
      [factorName, Float32Array.of(this.factor)],
      [shareName, Float32Array.of(this.share)],
      [driftName, Float32Array.of(this.drift)],
      [lastName, Float32Array.of(this.last)],
    ];
  }
}

/** The integers of a weight among the arrays of a training program. */
const levelsIn = (arrays: ReadonlyMap<string, Float32Array>, name: string, { positions, transposed = false }: PricedShape): Int32Array =>
  levelsOfRated({
    values: arrays.get(`${name}/shadow`)!,
    logStep: arrays.get(`${name}/step`)!,
    view: { positions, transposed },
  });
