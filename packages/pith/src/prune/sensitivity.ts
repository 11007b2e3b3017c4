/**
 * Sensitivity scan (Han et al., 2015, section 3.3, figure 6): each layer is pruned alone, further and further, without retraining, and keeps
 * what it needs for the error to rise by no more than a tolerance. The network is run by a function of the caller.
 */
import { PithError } from '../base/errors.js';
import type { CriterionName } from './criteria/list.js';
import { type Layer, masks } from './mask.js';

export interface ScanOptions {
  readonly layers: readonly Layer[];
  readonly criterion: CriterionName;
  /** Shares to try, from the largest down; the scan of a layer ends with the first that costs too much. */
  readonly densities: readonly number[];
  /** Largest rise of the error, as a fraction. */
  readonly tolerance: number;
  /** Error of the network with these weights in the place of the layer's; undefined: as it is. */
  readonly errorWith: (layer?: string, weights?: Float32Array) => Promise<number>;
}

export interface LayerScan {
  readonly layer: string;
  /** The smallest share within the tolerance; 1 where none is. */
  readonly density: number;
  readonly measured: readonly { readonly density: number; readonly error: number }[];
}

/** Throws `usage.prune` for densities that do not fall. */
export async function sensitivityScan({ layers, criterion, densities, tolerance, errorWith }: ScanOptions): Promise<LayerScan[]> {
  if (densities.some((d, i) => !(d > 0 && d < (densities[i - 1] ?? 1))))
    throw new PithError('usage.prune', { expected: 'densities below 1 that fall', got: `[${densities.join(', ')}]` });
  const limit = (await errorWith()) + tolerance;
  const scans: LayerScan[] = [];
  for (const layer of layers) {
    const measured: { density: number; error: number }[] = [];
    for (const density of densities) {
      const mask = masks([layer], criterion, { scope: 'layer', density }).get(layer.name)!;
      const error = await errorWith(
        layer.name,
        layer.weights.map((w, i) => (mask[i] ? w : 0)),
      );
      measured.push({ density, error });
      if (error > limit) break;
    }
    scans.push({ layer: layer.name, density: measured.filter((m) => m.error <= limit).at(-1)?.density ?? 1, measured });
  }
  return scans;
}
