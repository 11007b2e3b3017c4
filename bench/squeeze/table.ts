/** The results of bench/squeeze.ts, and their tables. */
import { type Machine, markdown } from '../support/results.js';
import { type Point, ratio } from './curve.js';
import type { OurCurve } from './ours.js';
import type { Peer } from './peer.js';

export interface NetworkResult {
  readonly machine: Machine;
  readonly network: string;
  /** Bytes of the ONNX file. */
  readonly bytes: number;
  readonly peer: Peer;
  readonly ours: readonly OurCurve[];
}

const times = (x: number | undefined): string => (x === undefined ? '–' : `${x.toFixed(3)}×`);

/** Such as `effort 5, 256 samples`. */
const nameOf = ({ effort, samples: { count, origin } }: OurCurve): string =>
  `effort ${effort}, ${origin === 'given' ? `${count} samples` : 'no data'}`;

export const ratiosOf = (networks: readonly NetworkResult[]): string =>
  markdown(
    ['network', 'weights', 'pith', 'bytes over NNCodec, equal error', 'equal agreement', 'encoding, s'],
    networks.flatMap(({ network, peer, ours }) =>
      ours.map((ours) => [
        network,
        String(peer.weights),
        nameOf(ours),
        times(ratio(ours.points, peer.points, 'error')),
        times(ratio(ours.points, peer.points, 'agreement')),
        Math.max(...ours.points.map((p) => p.encodeSeconds)).toFixed(1),
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

export function networkTable(result: NetworkResult): string {
  const { network, bytes, machine, peer, ours } = result;
  return [
    ratiosOf([result]),
    `NNCodec ${peer.version}; ${machine.cpu}, ${machine.cores} cores; Node ${machine.node}; load before: ${machine.loadBefore.toFixed(1)}.\n`,
    curve(`**${network}**, ${bytes} B: NNCodec`, peer.points),
    ...ours.map((each) => curve(`**${network}**: pith, ${nameOf(each)}`, each.points)),
  ].join('\n');
}
