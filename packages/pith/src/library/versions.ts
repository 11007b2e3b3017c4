/** The versions on which a result depends, for reports and run folders. */
import { onnxruntimeNode } from '../engine/onnxruntime-node.js';
import { ownVersion } from './own-version.js';

export const versions = (): Record<string, string> => ({
  pith: ownVersion(),
  [onnxruntimeNode.name]: onnxruntimeNode.version,
  node: process.versions.node,
});
