/** The largest of any number of inputs, element by element, broadcast. The gradient goes to the first that attains it. */
import { extremum } from './extremum.js';

export const Max = extremum('Max', Math.max);
