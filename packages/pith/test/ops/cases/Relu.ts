import type { Case } from '../case.js';

export const cases: readonly Case[] = [{ title: 'both signs', inputs: [{ dims: [4, 5] }] }];
