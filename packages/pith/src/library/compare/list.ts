/** Every method of a comparison, in the order of its tables. A new one is a line here. P: pruned. Q: weights shared. H: Huffman-coded. */
import { coded, lowRanked, type Method, plain, squeezed, squeezedAfter } from './method.js';

const pruned = { ladder: 'prune-share', look: 'pruned', aim: 'density' } as const;
const prunedShared = { ladder: 'prune-share', look: 'last', aim: 'density' } as const;
const shared = { ladder: 'share', look: 'last', aim: 'bits' } as const;
const rated = { ladder: 'rated', look: 'last', aim: 'λ' } as const;

export const methods: readonly Method[] = [
  coded('P', 'pruned and retrained', pruned, 'raw'),
  coded('Q', 'weights shared, none pruned', shared, 'raw'),
  coded('P+Q', 'pruned, then shared', prunedShared, 'raw'),
  coded('P+Q+H', 'Deep Compression: pruned, shared, Huffman-coded', prunedShared, 'huffman'),
  coded('P+Q+mix', 'the same under mixed models', prunedShared, 'smallest'),
  coded('Q+mix', 'weights shared, none pruned, under mixed models', shared, 'smallest'),
  lowRanked('SVD', 'weights as products of two thin matrices, not retrained', (bench, model) => bench.code(plain(model), 'raw')),
  lowRanked('SVD+squeeze', 'the same, then rounded without labels', (bench, model) => bench.squeeze(model)),
  squeezed('squeeze', 'rounded after training, without labels'),
  squeezedAfter('P+squeeze', 'pruned and retrained, then rounded without labels', pruned),
  coded('rated', 'trained against loss and bytes at once', rated, 'smallest'),
  coded('rated+H', 'the same, Huffman-coded', rated, 'huffman'),
];
