/**
 * The trellis of dependent quantization (trellis-coded quantization: Marcellin and Fischer, 1990; driven by parity: Schwarz et al.,
 * "Hybrid Video Coding with Trellis-Coded Quantization", DCC 2019). Two grids alternate: in even states the even multiples of the step,
 * in odd states the odd ones and zero. The parity of each level leads to the next state, so decoder and encoder walk the same way, and
 * the encoder may choose the way: at equal rate that saves about 1 dB of error against a single grid.
 */

/** The state after a level: `trellisNext[2 · state + (level & 1)]`. The walk starts in state 0. */
export const trellisNext: Readonly<Uint8Array> = Uint8Array.of(0, 2, 5, 7, 1, 3, 6, 4, 2, 0, 4, 6, 3, 1, 7, 5);

/** What a level stands for in a state, in steps. */
export const trellisValue = (level: number, state: number): number => 2 * level - (state & 1) * Math.sign(level);
