/**
 * Tables 4 and 5 of Deep Compression (Han, Mao and Dally, 2016): what it measured of each layer of AlexNet and VGG-16. Rates are shares of
 * the float32 weights, biases left out; P: pruned, Q: shared, H: Huffman-coded.
 */
export interface PaperLayer {
  readonly name: string;
  /** [out, in / groups, height, width] or [out, in]. */
  readonly dims: readonly number[];
  /** Share of the weights that is kept. */
  readonly density: number;
  /** Width of an index into the codebook; bits of a weight after Huffman coding. */
  readonly weightBits: number;
  readonly codedWeightBits: number;
  /** Width of a gap between kept weights; bits of a gap after Huffman coding. */
  readonly gapBits: number;
  readonly codedGapBits: number;
  readonly rateShared: number;
  readonly rateCoded: number;
}

export interface PaperTable {
  readonly name: string;
  readonly layers: readonly PaperLayer[];
}

type Row = readonly [
  name: string,
  dims: readonly number[],
  density: number,
  P: number,
  PH: number,
  g: number,
  gH: number,
  PQ: number,
  PQH: number,
];

const layer = ([name, dims, density, weightBits, codedWeightBits, gapBits, codedGapBits, rateShared, rateCoded]: Row): PaperLayer => ({
  name,
  dims,
  density: density / 100,
  weightBits,
  codedWeightBits,
  gapBits,
  codedGapBits,
  rateShared: rateShared / 100,
  rateCoded: rateCoded / 100,
});

const alexnet: readonly Row[] = [
  ['conv1', [96, 3, 11, 11], 84, 8, 6.3, 4, 1.2, 32.6, 20.53],
  ['conv2', [256, 48, 5, 5], 38, 8, 5.5, 4, 2.3, 14.5, 9.43],
  ['conv3', [384, 256, 3, 3], 35, 8, 5.1, 4, 2.6, 13.1, 8.44],
  ['conv4', [384, 192, 3, 3], 37, 8, 5.2, 4, 2.5, 14.1, 9.11],
  ['conv5', [256, 192, 3, 3], 37, 8, 5.6, 4, 2.5, 14.0, 9.43],
  ['fc6', [4096, 9216], 9, 5, 3.9, 4, 3.2, 3.0, 2.39],
  ['fc7', [4096, 4096], 9, 5, 3.6, 4, 3.7, 3.0, 2.46],
  ['fc8', [1000, 4096], 25, 5, 4, 4, 3.2, 7.3, 5.85],
];

const vgg16: readonly Row[] = [
  ['conv1_1', [64, 3, 3, 3], 58, 8, 6.8, 5, 1.7, 40.0, 29.97],
  ['conv1_2', [64, 64, 3, 3], 22, 8, 6.5, 5, 2.6, 9.8, 6.99],
  ['conv2_1', [128, 64, 3, 3], 34, 8, 5.6, 5, 2.4, 14.3, 8.91],
  ['conv2_2', [128, 128, 3, 3], 36, 8, 5.9, 5, 2.3, 14.7, 9.31],
  ['conv3_1', [256, 128, 3, 3], 53, 8, 4.8, 5, 1.8, 21.7, 11.15],
  ['conv3_2', [256, 256, 3, 3], 24, 8, 4.6, 5, 2.9, 9.7, 5.67],
  ['conv3_3', [256, 256, 3, 3], 42, 8, 4.6, 5, 2.2, 17.0, 8.96],
  ['conv4_1', [512, 256, 3, 3], 32, 8, 4.6, 5, 2.6, 13.1, 7.29],
  ['conv4_2', [512, 512, 3, 3], 27, 8, 4.2, 5, 2.9, 10.9, 5.93],
  ['conv4_3', [512, 512, 3, 3], 34, 8, 4.4, 5, 2.5, 14.0, 7.47],
  ['conv5_1', [512, 512, 3, 3], 35, 8, 4.7, 5, 2.5, 14.3, 8.0],
  ['conv5_2', [512, 512, 3, 3], 29, 8, 4.6, 5, 2.7, 11.7, 6.52],
  ['conv5_3', [512, 512, 3, 3], 36, 8, 4.6, 5, 2.3, 14.8, 7.79],
  ['fc6', [4096, 25088], 4, 5, 3.6, 5, 3.5, 1.6, 1.1],
  ['fc7', [4096, 4096], 4, 5, 4, 5, 4.3, 1.5, 1.25],
  ['fc8', [1000, 4096], 23, 5, 4, 5, 3.4, 7.1, 5.24],
];

export const tables: readonly PaperTable[] = [
  { name: 'alexnet', layers: alexnet.map(layer) },
  { name: 'vgg-16', layers: vgg16.map(layer) },
];
