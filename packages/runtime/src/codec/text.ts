/**
 * Coder of small byte strings: the graph section and the metadata of a file (names, JSON, short codes). Each bit is predicted under the
 * last 0 to 5 bytes, the predictions are mixed in the logistic domain (Mahoney, "Adaptive Weighing of Context Models", 2005) and the bit
 * goes through a binary arithmetic coder. The model starts from what it learned of a fixed text. Integers only: the same bytes on
 * every machine. Not meant for weights: about a microsecond per byte and context.
 */
import { PithError } from '../errors.js';
import { ByteWriter } from './bytes.js';
import { slabLength } from './engine/core.js';
import { engineFor } from './engine/engine.js';
import { cut, TextModel } from './engine/text-model.js';
import { once } from './once.js';

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

/** The logistic function in steps of 1/256: −2047 … 2047 → 1 … 4095, by linear interpolation. */
const knots = [
  1, 2, 3, 6, 10, 16, 27, 45, 73, 120, 194, 310, 488, 747, 1101, 1546, 2047, 2549, 2994, 3348, 3607, 3785, 3901, 3975, 4024, 4050, 4068,
  4079, 4085, 4089, 4092, 4093, 4094,
];

/** What every coder starts from. */
const known = once((): Uint8Array => {
  const text = primer + atob(typical);
  return Uint8Array.from({ length: text.length }, (_, i) => text.charCodeAt(i));
});

const topByteEqual = (low: number, high: number): boolean => low >>> 24 === high >>> 24;

export function encodeText(bytes: Uint8Array): Uint8Array {
  const model = new TextModel(Int32Array.from(knots));
  model.learnText(known(), known().length);
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
export function decodeText(coded: Uint8Array, length: number, engine = engineFor(coded.length)): Uint8Array {
  if (length > longestText(coded.length)) refuse(`at most ${longestText(coded.length)} bytes of text`, String(length));
  if (engine.isPrimed() === 0) {
    engine.slab.set(knots);
    engine.hold(known());
    engine.prime(knots.length, known().length);
  }
  const out = new Uint8Array(length);
  engine.hold(coded);
  engine.textStart(0, coded.length);
  for (let from = 0; from < length; from += slabLength) {
    const now = Math.min(slabLength, length - from);
    engine.textRead(now);
    out.set(engine.slab.subarray(0, now), from);
  }
  engine.letGo();
  const left = coded.length - engine.textAt();
  if (left > 0) refuse('coded text that ends with its last byte', `${left} bytes more`);
  return out;
}

function refuse(expected: string, got: string): never {
  throw new PithError('input.pith-code', { expected, got });
}
