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

/** Metadata and graphs of small networks, typical of files of a few kilobytes; part of the format. */
const typical =
  '\x04\x06recipe\x1f{"name":"rated","maxSize":2000}\x04seed\x017\x06source\x100123456789abcdef\x04pith\x050.1.0\x08\x01\x00\x11\x04pit' +
  'h\x00\x00\x00\x00\x06\x0cpith.network\x05small\x09pith.seed\x017\x0apith.scale\x130.00392156862745098\x09pith.mean\x010\x08pith.std' +
  '\x011\x0bpith.layout\x03chw\x00\x0c\x0cconv1.weight\x0abn1.weight\x08bn1.bias\x10bn1.running_mean\x0fbn1.running_var\x0cconv2.weight' +
  '\x0abn2.weight\x08bn2.bias\x10bn2.running_mean\x0fbn2.running_var\x09fc.weight\x07fc.bias\x01\x04\x10\x03\x03\x03\x01\x01\x10\x01' +
  '\x01\x10\x01\x01\x10\x01\x01\x10\x01\x04 \x10\x03\x03\x01\x01 \x01\x01 \x01\x01 \x01\x01 \x01\x02\x0a\x80@\x01\x01\x0a\x01v\x05small' +
  '\x00\x01\x05image\x01\x05\x01\x01N\x05""\x01\x09\x06logits\x01\x03\x01\x01N\x0c\x09\x01\x02\x03\x01\x01\x01\x02\x01\x02\x06\x06\x03' +
  '\x04\x02\x02\x02\x02\x0c\x05\x03\x01\x01\x01\x01\x01\x01\x00\x04\x01\x03\x01\x01\x00\x01\x02\x03\x01\x01\x01\x03\x01\x02\x06\x06\x02' +
  '\x02\x04\x04\x03\x04\x02\x02\x02\x02\x0c\x05\x03\x01\x01\x01\x01\x01\x01\x00\x04\x01\x03\x01\x01\x00\x06\x01\x03\x01\x01\x00\x02\x03' +
  '\x03\x01\x01\x01\x01\x01\x08\x02\x11\x01\x03\x01\x01\x00\x08\x01\x00\x11\x04pith\x00\x00\x00\x00\x06\x0cpith.network\x05small\x09pit' +
  'h.seed\x017\x0apith.scale\x130.00392156862745098\x09pith.mean\x010\x08pith.std\x011\x0bpith.layout\x03chw\x00\x08\x0cconv1.weight' +
  '\x0aconv1.bias\x0afc1.weight\x08fc1.bias\x0afc2.weight\x08fc2.bias\x0afc3.weight\x08fc3.bias\x01\x04\x08\x01\x05\x05\x01\x01\x08\x01' +
  '\x02@\x80\x09\x01\x01@\x01\x02 @\x01\x01 \x01\x02\x0a \x01\x01\x0a\x01v\x05small\x00\x01\x05image\x01\x05\x01\x01N\x03\x1e\x1e\x01' +
  '\x0a\x06logits\x01\x03\x01\x01N\x0c\x0a\x01\x03\x03\x01\x01\x01\x01\x01\x01\x02\x0a\x0a\x04\x01\x03\x01\x01\x00\x05\x01\x03\x01\x01' +
  '\x02\x01\x02\x04\x04\x02\x02\x04\x04\x06\x01\x03\x01\x01\x00\x02\x03\x03\x01\x01\x01\x01\x01\x08\x02\x04\x01\x03\x01\x01\x00\x02\x03' +
  '\x03\x01\x01\x01\x01\x01\x08\x02\x04\x01\x03\x01\x01\x00\x02\x03\x03\x01\x01\x01\x01\x01\x08\x02\x11\x01\x03\x01\x01\x00';

/** Text is not coded below a byte for this many; that bounds the work that a short input can ask for. */
const mostRatio = 64;
export const longestText = (codedLength: number): number => mostRatio * (codedLength + 64);

/** The logistic function in steps of 1/256: −2047 … 2047 → 1 … 4095, by linear interpolation. */
export const knots = [
  1, 2, 3, 6, 10, 16, 27, 45, 73, 120, 194, 310, 488, 747, 1101, 1546, 2047, 2549, 2994, 3348, 3607, 3785, 3901, 3975, 4024, 4050, 4068,
  4079, 4085, 4089, 4092, 4093, 4094,
];

/** Weights that a model has after this text, those of each number of contexts that have been seen before; a test learns them. */
export const weights = [
  22004, 22004, 22004, 22004, 22004, 22004, 35665, 21913, 21643, 22486, 20725, 20723, 38990, 33954, 19754, 15674, 7775, 13983, 33304, 28619,
  24010, 7539, 5293, 8570, 34334, 32435, 31566, 9029, 3774, 12640, 28216, 29059, 36218, 29817, 18552, 12378, 17940, 9293, 30912, 27406,
  29534, 38212,
];

/** What every coder starts from. */
export const known = once((): Uint8Array => {
  const text = primer + typical;
  return Uint8Array.from({ length: text.length }, (_, i) => text.charCodeAt(i));
});

const topByteEqual = (low: number, high: number): boolean => low >>> 24 === high >>> 24;

export function encodeText(bytes: Uint8Array): Uint8Array {
  const model = new TextModel(Int32Array.from(knots));
  model.begin(known(), known().length, Int32Array.from(weights), 0);
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
    engine.slab.set(weights, knots.length);
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
