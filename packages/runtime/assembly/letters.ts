/**
 * Turns letters into the bytes that they mean: src/codec/letters.ts. The memory begins with the bytes in the order of their
 * frequency and the byte of each letter; behind them stand the letters, and in the end the bytes.
 */

/** Of the bytes 32 · i … 32 · i + 31, which are frequent in WebAssembly; scripts/letters.ts has the same. */
function frequent(i: i32): u32 {
  if (i < 4) return i === 0 ? 0xffffffff : i === 1 ? 0xcf40053f : i === 2 ? 0x1575f : 0x81761e83;
  return i === 4 ? 0x9 : i === 5 ? 0x1800401 : i === 6 ? 0x0 : 0xa1000e70;
}

const single: i32 = 88;
const letters: i32 = 90;
/** The first letter that takes another one. */
const pair: i32 = 125;

/** How many letters stand before this one: those of ASCII but for " $ ' \ and `. */
function rank(letter: i32): i32 {
  return letter - 32 - i32(letter > 34) - i32(letter > 36) - i32(letter > 39) - i32(letter > 92) - i32(letter > 96);
}

/** Gives how many bytes they are. */
export function decode(length: i32): i32 {
  let often = 0;
  let seldom = single;
  for (let byte = 0; byte < 256; byte++)
    if ((frequent(byte >> 5) >> (byte & 31)) & 1) store<u8>(often++, byte);
    else store<u8>(seldom++, byte);
  for (let letter = 32; letter < pair; letter++) store<u8>(256 + letter, load<u8>(rank(letter)));
  let to = 512;
  for (let at = 512; at < 512 + length; at++) {
    const letter: i32 = load<u8>(at);
    const from = letter < pair ? 256 + letter : (single + (letter - pair) * letters + rank(load<u8>(++at))) & 255;
    store<u8>(to++, load<u8>(from));
  }
  return to - 512;
}
