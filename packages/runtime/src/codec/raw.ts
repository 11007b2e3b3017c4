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
        for (let i = 0, at = offset; i < count; i++, at += stride) {
          const symbol = from.read(width);
          if (symbol >= alphabet) from.refuse(`a symbol below ${alphabet}`, String(symbol));
          into[at] = symbol;
        }
        return width * count;
      },
    };
  },
};
