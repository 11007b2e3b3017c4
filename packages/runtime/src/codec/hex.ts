/**
 * Bytes as hexadecimal digits, the form in which modules of WebAssembly are carried: compressed by gzip it is a quarter smaller than base64,
 * where a byte looks different in each of three places.
 */
export function bytesOfHex(text: string): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(text.length >> 1);
  // a letter has bit 6, and nine more than its low bits say
  const digit = (code: number): number => (code & 15) + 9 * (code >> 6);
  for (let i = 0; i < bytes.length; i++) bytes[i] = (digit(text.charCodeAt(2 * i)) << 4) | digit(text.charCodeAt(2 * i + 1));
  return bytes;
}
