import type { Case } from '../case.js';

export const cases: readonly Case[] = [{ title: 'gives back what came', inputs: [{ dims: [2, 3] }] }];
