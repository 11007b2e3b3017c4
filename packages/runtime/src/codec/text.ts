/**
 * Coder of small byte strings: the graph section and the metadata of a file (names, JSON, short codes). Each bit is predicted under the
 * last 0 to 5 bytes, the predictions are mixed in the logistic domain (Mahoney, "Adaptive Weighing of Context Models", 2005) and the bit
 * goes through a binary arithmetic coder. The model starts from what it learned of a fixed text. Integers only: the same bytes on
 * every machine. Not meant for weights: about a microsecond per byte and context.
 */
import { PithError } from '../errors.js';
import { ByteWriter } from './bytes.js';

/** Typical of what follows; part of the format. */
const primer =
  '{"version":1,"recipe":"deep-compression","seed":7,"steps":[{"use":"prune","ratio":0.92,"scope":"layer"},{"use":"retrain","epochs":4},' +
  '{"use":"share","bits":{"conv":8,"fc":5},"init":"linear"}],"maxDrop":0.1,"target":null,"data":"mnist"} source sha256 license Apache-2.0 ' +
  'pith 0.1.0 image input logits output N batch weight bias conv1.weight conv1.bias conv2.weight conv2.bias fc1.weight fc1.bias ' +
  'layer1.0.conv1.weight layer1.0.bn1.gamma layer1.0.bn1.beta layer1.0.bn1.mean layer1.0.bn1.var features.0.weight classifier.bias ';

/** Metadata and graphs of small networks, typical of files of a few kilobytes, in base64; part of the format. */
const typical =
  'BAZyZWNpcGUfeyJuYW1lIjoicmF0ZWQiLCJtYXhTaXplIjoyMDAwfQRzZWVkATcGc291cmNlEDAxMjM0NTY3ODlhYmNkZWYEcGl0aAUwLjEuMAgBABEEcGl0aAAAAAAGDHBp' +
  'dGgubmV0d29yawVzbWFsbAlwaXRoLnNlZWQBNwpwaXRoLnNjYWxlEzAuMDAzOTIxNTY4NjI3NDUwOTgJcGl0aC5tZWFuATAIcGl0aC5zdGQBMQtwaXRoLmxheW91dANjaHcA' +
  'DAxjb252MS53ZWlnaHQKYm4xLndlaWdodAhibjEuYmlhcxBibjEucnVubmluZ19tZWFuD2JuMS5ydW5uaW5nX3Zhcgxjb252Mi53ZWlnaHQKYm4yLndlaWdodAhibjIuYmlh' +
  'cxBibjIucnVubmluZ19tZWFuD2JuMi5ydW5uaW5nX3ZhcglmYy53ZWlnaHQHZmMuYmlhcwEEEAMDAwEBEAEBEAEBEAEBEAEEIBADAwEBIAEBIAEBIAEBIAECCoBAAQEKAXYF' +
  'c21hbGwAAQVpbWFnZQEFAQFOBSIiAQkGbG9naXRzAQMBAU4MCQECAwEBAQIBAgYGAwQCAgICDAUDAQEBAQEBAAQBAwEBAAECAwEBAQMBAgYGAgIEBAMEAgICAgwFAwEBAQEB' +
  'AQAEAQMBAQAGAQMBAQACAwMBAQEBAQgCEQEDAQEACAEAEQRwaXRoAAAAAAYMcGl0aC5uZXR3b3JrBXNtYWxsCXBpdGguc2VlZAE3CnBpdGguc2NhbGUTMC4wMDM5MjE1Njg2' +
  'Mjc0NTA5OAlwaXRoLm1lYW4BMAhwaXRoLnN0ZAExC3BpdGgubGF5b3V0A2NodwAIDGNvbnYxLndlaWdodApjb252MS5iaWFzCmZjMS53ZWlnaHQIZmMxLmJpYXMKZmMyLndl' +
  'aWdodAhmYzIuYmlhcwpmYzMud2VpZ2h0CGZjMy5iaWFzAQQIAQUFAQEIAQJAgAkBAUABAiBAAQEgAQIKIAEBCgF2BXNtYWxsAAEFaW1hZ2UBBQEBTgMeHgEKBmxvZ2l0cwED' +
  'AQFODAoBAwMBAQEBAQECCgoEAQMBAQAFAQMBAQIBAgQEAgIEBAYBAwEBAAIDAwEBAQEBCAIEAQMBAQACAwMBAQEBAQgCBAEDAQEAAgMDAQEBAQEIAhEBAwEBAA==';

/** Text is not coded below a byte for this many; that bounds the work that a short input can ask for. */
const mostRatio = 64;
export const longestText = (codedLength: number): number => mostRatio * (codedLength + 64);

const orders = 6;
const slotBits = 14;
const slots = 2 ** slotBits;
/** Adaptation slows down as a slot is seen more often: 1/1.5, 1/2.5, … */
const slowest = 60;
const rates = Int32Array.from({ length: slowest + 1 }, (_, n) => Math.floor(131072 / (2 * n + 3)));

/** The logistic function in steps of 1/256: −2047 … 2047 → 1 … 4095, by linear interpolation. */
const knots = [
  1, 2, 3, 6, 10, 16, 27, 45, 73, 120, 194, 310, 488, 747, 1101, 1546, 2047, 2549, 2994, 3348, 3607, 3785, 3901, 3975, 4024, 4050, 4068,
  4079, 4085, 4089, 4092, 4093, 4094,
];
function squash(x: number): number {
  if (x > 2047) return 4095;
  if (x < -2047) return 1;
  const low = (x >> 7) + 16;
  const part = x & 127;
  return (knots[low]! * (128 - part) + knots[low + 1]! * part + 64) >> 7;
}

/** Its inverse: the smallest x that squashes to at least p. */
const stretch = new Int16Array(4096);
for (let x = -2047, p = 0; x <= 2047; x++) for (const reached = squash(x); p <= reached; p++) stretch[p] = x;
for (let p = squash(2047) + 1; p < 4096; p++) stretch[p] = 2047;

class Model {
  private readonly chance = new Uint16Array(orders * slots);
  private readonly seen = new Uint8Array(orders * slots);
  private readonly at = new Int32Array(orders);
  private readonly hash = new Int32Array(orders);
  private readonly input = new Int32Array(orders);
  /** One set of weights for each number of contexts that have been seen before. */
  private readonly weights = new Int32Array((orders + 1) * orders);
  private readonly recent = new Uint8Array(orders);
  private set = 0;
  private mixed = 2048;
  /** The bits of this byte so far, behind a 1. */
  private partial = 1;

  /** A copy of another one, between two bytes; or one that knows nothing. */
  constructor(from?: Model) {
    if (from) for (const part of ['chance', 'seen', 'hash', 'weights', 'recent'] as const) this[part].set(from[part]);
    else {
      this.chance.fill(32768);
      this.weights.fill(22000);
    }
  }

  /** The chance that the next bit is 1, in 1 … 4095 of 4096. */
  predict(): number {
    let sum = 0;
    let known = 0;
    for (let i = 0; i < orders; i++) {
      const at = i * slots + (Math.imul(this.hash[i]! + Math.imul(this.partial, 0x9e3779b1), 0x2545f491) >>> (32 - slotBits));
      this.at[i] = at;
      this.input[i] = stretch[this.chance[at]! >> 4]!;
      if (this.seen[at]! > 0) known++;
    }
    this.set = known * orders;
    for (let i = 0; i < orders; i++) sum += this.input[i]! * this.weights[this.set + i]!;
    this.mixed = squash(Math.floor(sum / 65536));
    return Math.min(Math.max(this.mixed, 1), 4095);
  }

  learn(bit: number): void {
    const error = ((bit << 12) - this.mixed) * 10;
    for (let i = 0; i < orders; i++) {
      this.weights[this.set + i]! += (this.input[i]! * error + 8192) >> 14;
      const at = this.at[i]!;
      const n = this.seen[at]!;
      this.chance[at]! += Math.floor((((bit ? 65535 : 0) - this.chance[at]!) * rates[n]!) / 65536);
      if (n < slowest) this.seen[at] = n + 1;
    }
    this.partial = this.partial * 2 + bit;
    if (this.partial < 256) return;
    this.recent.copyWithin(1, 0);
    this.recent[0] = this.partial & 255;
    this.partial = 1;
    for (let i = 1, h = 0; i < orders; i++) {
      h = Math.imul(h + this.recent[i - 1]! + 1, 0x2c1b3c6d);
      this.hash[i] = h ^ (h >>> 15);
    }
  }
}

/** What every coder starts from. */
const primed = /* @__PURE__ */ (() => {
  const model = new Model();
  for (const ch of primer + atob(typical))
    for (let bit = 7; bit >= 0; bit--) {
      model.predict();
      model.learn((ch.charCodeAt(0) >> bit) & 1);
    }
  return model;
})();

/** Where an interval of the arithmetic coder is cut; exact in doubles. */
const cut = (low: number, high: number, chance: number): number => low + Math.floor(((high - low) * chance) / 4096);
const topByteEqual = (low: number, high: number): boolean => low >>> 24 === high >>> 24;

export function encodeText(bytes: Uint8Array): Uint8Array {
  const model = new Model(primed);
  const out = new ByteWriter();
  let low = 0;
  let high = 0xffffffff;
  for (const byte of bytes)
    for (let k = 7; k >= 0; k--) {
      const bit = (byte >> k) & 1;
      const middle = cut(low, high, model.predict());
      if (bit) high = middle;
      else low = middle + 1;
      model.learn(bit);
      for (; topByteEqual(low, high); low = (low << 8) >>> 0, high = ((high << 8) | 255) >>> 0) out.u8(high >>> 24);
    }
  // the shortest string that lies in the interval whatever zeros follow it
  for (let keep = 1; keep <= 4; keep++) {
    const unit = 2 ** (32 - 8 * keep);
    const value = Math.ceil(low / unit) * unit;
    if (low === 0) break;
    if (value <= high) {
      for (let i = 0; i < keep; i++) out.u8((value >>> (24 - 8 * i)) & 255);
      break;
    }
  }
  return out.done();
}

/**
 * `length`: bytes before coding, at most 64 for each coded byte. Bytes past the end of `coded` are zeros; all of `coded` must have been
 * looked at. Throws `input.pith-code`.
 */
export function decodeText(coded: Uint8Array, length: number): Uint8Array {
  if (length > longestText(coded.length)) refuse(`at most ${longestText(coded.length)} bytes of text`, String(length));
  const model = new Model(primed);
  const out = new Uint8Array(length);
  let at = 0;
  const next = (): number => coded[at++] ?? 0;
  let low = 0;
  let high = 0xffffffff;
  let code = 0;
  for (let i = 0; i < 4; i++) code = ((code << 8) | next()) >>> 0;
  for (let i = 0; i < length; i++) {
    let byte = 0;
    for (let k = 0; k < 8; k++) {
      const middle = cut(low, high, model.predict());
      const bit = code <= middle ? 1 : 0;
      if (bit) high = middle;
      else low = middle + 1;
      model.learn(bit);
      byte = byte * 2 + bit;
      for (; topByteEqual(low, high); low = (low << 8) >>> 0, high = ((high << 8) | 255) >>> 0) code = ((code << 8) | next()) >>> 0;
    }
    out[i] = byte;
  }
  if (at < coded.length) refuse('coded text that ends with its last byte', `${coded.length - at} bytes more`);
  return out;
}

function refuse(expected: string, got: string): never {
  throw new PithError('input.pith-code', { expected, got });
}
