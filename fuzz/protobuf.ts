/**
 * A mutation of protobuf messages that keeps the lengths around a change right: a field somewhere in the tree is dropped, repeated,
 * swapped with one of another message, given another number, or its value is changed.
 */
import type { Random } from '../packages/pith/src/base/random.js';
import { joined, mutate, numbers } from './mutate.js';
import type { Mutation } from './target.js';

interface Field {
  readonly tag: Uint8Array;
  readonly wire: number;
  /** Without its length. */
  readonly value: Uint8Array;
}

function varint(bytes: Uint8Array, at: number): { value: number; next: number } | undefined {
  let value = 0;
  for (let i = 0; i < 10 && at + i < bytes.length; i++) {
    const byte = bytes[at + i]!;
    value += (byte & 0x7f) * 128 ** i;
    if (byte < 0x80) return { value, next: at + i + 1 };
  }
  return undefined;
}

/** The fields of a message, or undefined where the bytes are none. */
function fieldsOf(bytes: Uint8Array): Field[] | undefined {
  const fields: Field[] = [];
  for (let at = 0; at < bytes.length; ) {
    const tag = varint(bytes, at);
    if (!tag || tag.value < 8) return undefined;
    const wire = tag.value % 8;
    let from = tag.next;
    let to: number;
    if (wire === 0) to = varint(bytes, from)?.next ?? bytes.length + 1;
    else if (wire === 1) to = from + 8;
    else if (wire === 5) to = from + 4;
    else if (wire === 2) {
      const length = varint(bytes, from);
      if (!length) return undefined;
      from = length.next;
      to = from + length.value;
    } else return undefined;
    if (to > bytes.length) return undefined;
    fields.push({ tag: bytes.subarray(at, tag.next), wire, value: bytes.subarray(from, to) });
    at = to;
  }
  return fields;
}

function encode(value: number): Uint8Array {
  const out: number[] = [];
  let rest = value;
  for (; rest >= 0x80; rest = Math.floor(rest / 128)) out.push((rest % 128) | 0x80);
  return Uint8Array.from([...out, rest]);
}

const bytesOf = (fields: readonly Field[]): Uint8Array =>
  joined(...fields.flatMap(({ tag, wire, value }) => (wire === 2 ? [tag, encode(value.length), value] : [tag, value])));

/** A field from anywhere in the tree. */
function anyField(random: Random, bytes: Uint8Array): Field | undefined {
  const fields = fieldsOf(bytes);
  if (!fields?.length) return undefined;
  const field = fields[random.below(fields.length)]!;
  return field.wire === 2 && random.below(3) ? (anyField(random, field.value) ?? field) : field;
}

function newValue(random: Random, { wire, value }: Field, other: Uint8Array): Uint8Array {
  if (wire === 0) return random.below(2) ? encode(random.below(random.below(2) ? 40 : 300)) : numbers[random.below(numbers.length - 1)]!;
  if (wire !== 2) return Uint8Array.from(value, () => random.below(256));
  return mutate(random, value, other);
}

export const mutateMessage: Mutation = (random, bytes, other) => {
  const fields = fieldsOf(bytes);
  if (!fields?.length) return mutate(random, bytes, other);
  const at = random.below(fields.length);
  const field = fields[at]!;
  // Most of a model is deep down.
  if (field.wire === 2 && random.below(5) && fieldsOf(field.value)?.length) {
    fields[at] = { ...field, value: mutateMessage(random, field.value, other) };
    return bytesOf(fields);
  }
  switch (random.below(5)) {
    case 0:
      fields.splice(at, 1);
      break;
    case 1:
      fields.splice(random.below(fields.length + 1), 0, field);
      break;
    case 2:
      fields.splice(at, random.below(2), anyField(random, other) ?? field);
      break;
    case 3:
      fields[at] = { ...field, tag: encode((1 + random.below(26)) * 8 + field.wire) };
      break;
    default:
      fields[at] = { ...field, value: newValue(random, field, other) };
  }
  return bytesOf(fields);
};
