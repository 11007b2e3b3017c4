/** All files that break a rule, by where they break it. */
import type { Broken } from './broken.js';
import { brokenCoders } from './coders.js';
import { brokenFrames } from './frame.js';
import { brokenGraphs } from './graph.js';
import { brokenSections } from './sections.js';
import { brokenTensors } from './tensors.js';

export const broken: readonly Broken[] = [...brokenFrames, ...brokenGraphs, ...brokenSections, ...brokenCoders, ...brokenTensors];
