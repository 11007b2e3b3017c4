/** What a pruning criterion owes: a score for every weight of a layer; the smallest scores go first. */
export type Criterion = (weights: Float32Array) => Float64Array;
