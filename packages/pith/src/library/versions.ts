/** The versions on which a result depends, for reports and run folders. */
import { readFileSync } from 'node:fs';
import { onnxruntimeNode } from '../engine/onnxruntime-node.js';

const own = (): string => (JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string }).version;

export const versions = (): Record<string, string> => ({
  pith: own(),
  [onnxruntimeNode.name]: onnxruntimeNode.version,
  node: process.versions.node,
});
