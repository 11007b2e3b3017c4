/** The smallest of any number of inputs, element by element, broadcast. The gradient goes to the first that attains it. */
import { extremum } from './extremum.js';

export const Min = extremum('Min', Math.min);
