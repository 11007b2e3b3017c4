/** Coder 0: each symbol in as many bits as the alphabet needs. What Deep Compression has before Huffman coding. */
import { type SymbolCoder, widthOf } from './coder.js';

export const raw: SymbolCoder = {
  id: 0,
  name: 'raw',

  encode(symbols, alphabet, out) {
    const width = widthOf(alphabet);
    for (let i = 0; i < symbols.length; i++) out.write(symbols[i]!, width);
    return { table: 0, data: width * symbols.length };
  },

  open(from, count, alphabet) {
    const width = widthOf(alphabet);
    from.need(width * count);
    return {
      tableBits: 0,
      read(into, offset = 0, stride = 1) {
        from.into(into, offset, stride, count, (now) => {
          const read = from.engine.fields(width, now);
          if (alphabet < 2 ** width) {
            const wrong = from.engine.slab.subarray(0, read).find((symbol) => symbol >= alphabet);
            if (wrong !== undefined) from.refuse(`a symbol below ${alphabet}`, String(wrong));
          }
          return read;
        });
        return width * count;
      },
    };
  },
};
