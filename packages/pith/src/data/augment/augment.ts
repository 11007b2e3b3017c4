/**
 * A spec names augmentations and their settings: `{ affine: { rotate: 6, shift: 0.8 }, clean: 0.25 }`, or as text
 * `affine:rotate=6,shift=0.8;clean=0.25`. `clean` is the fraction of images left as they are. Pure: checks specs, writes them as text, and
 * makes the one function that batching calls for each image.
 */
import { z } from 'zod';
import { PithError } from '../../base/errors.js';
import { type ImageShape, pixelsOf } from '../dataset.js';
import type { SampleRandom } from '../sample-random.js';
import { policies } from './list.js';
import type { Change, Policy } from './policy.js';

type PolicyName = keyof typeof policies;

const names = Object.keys(policies) as PolicyName[];

/** What a caller writes; settings left out take their defaults. */
export type AugmentSpec = { readonly [K in PolicyName]?: z.input<(typeof policies)[K]['settings']> } & { readonly clean?: number };

/** A spec with every setting present. */
export type Augmentation = { readonly [K in PolicyName]?: z.output<(typeof policies)[K]['settings']> } & { readonly clean: number };

const schema = z.strictObject({
  ...Object.fromEntries(names.map((name) => [name, policies[name].settings.optional()])),
  clean: z.number().min(0).max(1).default(0),
});

/** Checks a spec, as object or as text, and fills in its defaults. Throws `usage.augment`. */
export function parseAugment(spec: AugmentSpec | string): Augmentation {
  const found = schema.safeParse(typeof spec === 'string' ? fromText(spec) : spec);
  if (found.success) return found.data as Augmentation;
  const issue = found.error.issues[0]!;
  const path = issue.path.join('.');
  throw wrong(path === '' ? issue.message : `${path}: ${issue.message}`, typeof spec === 'string' ? spec : JSON.stringify(spec));
}

/** The text that `parseAugment` reads back to the same augmentation. */
export const formatAugment = (augment: Augmentation): string =>
  Object.entries(augment)
    .filter(([name, value]) => value !== undefined && !(name === 'clean' && value === 0))
    .map(([name, value]) =>
      typeof value === 'number'
        ? `${name}=${value}`
        : `${name}:${Object.entries(value)
            .map(([key, v]) => `${key}=${v}`)
            .join(',')}`,
    )
    .join(';');

/**
 * Changes one image: reads [C, H, W] raw pixel values from `at` on and returns the changed planes, in memory that the next call uses again;
 * undefined where the image stays as it is.
 */
export type Augmenter = (images: Uint8Array | Float32Array, at: number, random: SampleRandom) => Float32Array | undefined;

export function augmenter(augment: Augmentation, shape: ImageShape): Augmenter {
  const changes: Change[] = names.flatMap((name) => {
    const settings = augment[name];
    // Each schema made the settings of its own policy; the table cannot say so to the compiler.
    return settings === undefined ? [] : [(policies[name] as Policy).prepare(settings, shape)];
  });
  const size = pixelsOf(shape);
  const buffers = [new Float32Array(size), new Float32Array(size)] as const;
  return (images, at, random) => {
    if (augment.clean > 0 && random.unit() < augment.clean) return undefined;
    let [from, to] = buffers;
    copy(images, at, from);
    let changed = false;
    for (const change of changes)
      if (change(from, to, random)) {
        changed = true;
        const kept = from;
        from = to;
        to = kept;
      }
    return changed ? from : undefined;
  };
}

function copy(images: Uint8Array | Float32Array, at: number, to: Float32Array): void {
  for (let i = 0; i < to.length; i++) to[i] = images[at + i]!;
}

const wrong = (expected: string, got: string): PithError =>
  new PithError('usage.augment', {
    at: { option: 'augment' },
    expected: `an augmentation such as affine:rotate=6,shift=0.8;clean=0.25 (known: ${names.join(', ')}, clean); ${expected}`,
    got,
    fix: 'correct the spec',
  });

function fromText(text: string): Record<string, unknown> {
  const spec = new Map<string, unknown>();
  const add = (into: Map<string, unknown>, key: string, value: unknown) => {
    if (into.has(key)) throw wrong(`${key} only once`, text);
    into.set(key, value);
  };
  const value = (word: string): number | string => (word.trim() !== '' && Number.isFinite(Number(word)) ? Number(word) : word.trim());
  for (const part of text.split(';').filter((word) => word.trim() !== '')) {
    const single = /^\s*clean\s*=([^:,]*)$/.exec(part);
    if (single) {
      add(spec, 'clean', value(single[1]!));
      continue;
    }
    const [name = '', list = ''] = part.split(/:(.*)/s);
    const settings = new Map<string, unknown>();
    for (const pair of list.split(',').filter((word) => word.trim() !== '')) {
      const [key = '', word] = pair.split(/=(.*)/s);
      if (word === undefined) throw wrong('settings written as name=value', text);
      add(settings, key.trim(), value(word));
    }
    add(spec, name.trim(), Object.fromEntries(settings));
  }
  return Object.fromEntries(spec);
}
