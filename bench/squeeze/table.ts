/** The results of bench/squeeze.ts, and their tables. */
import { type Machine, markdown } from '../support/results.js';
import { type Point, ratio } from './curve.js';
import type { Peer } from './peer.js';

export interface OurCurve {
  /** Such as `effort 5, 256 samples`. */
  readonly name: string;
  readonly points: readonly Point[];
  /** What was refused or failed, by setting. */
  readonly failed: readonly string[];
}

export interface NetworkResult {
  readonly network: string;
  /** Bytes of the ONNX file. */
  readonly bytes: number;
  readonly peer: Peer;
  readonly ours: readonly OurCurve[];
}

export interface Results {
  readonly machine: Machine;
  readonly pith: string;
  readonly networks: readonly NetworkResult[];
}

const times = (x: number | undefined): string => (x === undefined ? '–' : `${x.toFixed(3)}×`);

const ratios = ({ networks }: Pick<Results, 'networks'>): string =>
  markdown(
    ['network', 'weights', 'pith', 'bytes over NNCodec, equal error', 'equal agreement', 'encoding, s'],
    networks.flatMap(({ network, peer, ours }) =>
      ours.map(({ name, points, failed }) => [
        network,
        String(peer.weights),
        name + (failed.length > 0 ? ` (${failed.length} failed)` : ''),
        times(ratio(points, peer.points, 'error')),
        times(ratio(points, peer.points, 'agreement')),
        points.length > 0 ? Math.max(...points.map((p) => p.encodeSeconds)).toFixed(1) : '–',
      ]),
    ),
  );

const curve = (title: string, points: readonly Point[]): string =>
  `${title}\n\n${markdown(
    ['setting', 'bytes', 'error', 'agreement', 'encoding, s', 'decoding, s'],
    points.map((p) => [
      p.setting,
      String(p.bytes),
      p.error.toPrecision(3),
      `${(100 * p.agreement).toFixed(2)} %`,
      p.encodeSeconds.toFixed(2),
      p.decodeSeconds.toFixed(2),
    ]),
  )}`;

export function squeezeTable(results: Pick<Results, 'networks'> & Partial<Results>): string {
  const parts = [ratios(results)];
  const { machine, pith } = results;
  if (machine)
    parts.push(
      `pith ${pith}; NNCodec ${results.networks[0]?.peer.version}; ${machine.cpu}, ${machine.cores} cores; Node ${machine.node}.\n`,
    );
  for (const { network, bytes, peer, ours } of results.networks)
    parts.push(
      curve(`**${network}**, ${bytes} B: NNCodec`, peer.points),
      ...ours.map(({ name, points }) => curve(`**${network}**: pith, ${name}`, points)),
    );
  return parts.join('\n');
}
