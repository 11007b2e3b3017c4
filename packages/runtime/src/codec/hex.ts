/**
 * Bytes as hexadecimal digits, the form in which modules of WebAssembly are carried: compressed by gzip it is a quarter smaller than base64,
 * where a byte looks different in each of three places.
 */
export function bytesOfHex(text: string): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(text.length >> 1);
  for (let i = 0; i < bytes.length; i++) {
    const high = text.charCodeAt(2 * i);
    const low = text.charCodeAt(2 * i + 1);
    // a letter has bit 6, and nine more than its low bits say; without a call, which a first load would pay for
    bytes[i] = (((high & 15) + 9 * (high >> 6)) << 4) | ((low & 15) + 9 * (low >> 6));
  }
  return bytes;
}
