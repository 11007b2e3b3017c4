/** Bytes as letters: what packages/runtime/src/codec/letters.ts reads. */

/** Which bytes are frequent in WebAssembly, 32 to a number; packages/runtime/assembly/letters.ts has the same. */
const frequent = [0xffffffff, 0xcf40053f, 0x1575f, 0x81761e83, 0x9, 0x1800401, 0x0, 0xa1000e70];
const isFrequent = (byte: number): boolean => ((frequent[byte >> 5]! >>> (byte & 31)) & 1) === 1;

const letters = Array.from({ length: 95 }, (_, i) => String.fromCharCode(32 + i)).filter((letter) => !`"$'\\\``.includes(letter));
const all = Array.from({ length: 256 }, (_, byte) => byte);
const order = [...all.filter(isFrequent), ...all.filter((byte) => !isFrequent(byte))];
const single = all.filter(isFrequent).length;

export const lettersOf = (bytes: Uint8Array): string =>
  Array.from(bytes, (byte) => {
    const i = order.indexOf(byte) - single;
    return i < 0 ? letters[i + single] : letters[single + Math.floor(i / letters.length)]! + letters[i % letters.length];
  }).join('');
