/** `pith-runtime/onnx`: .pith files as ONNX, and the writer of ONNX that the package pith uses too. */
export * from './onnx/fields.js';
export { type ToOnnxOptions, toOnnx } from './onnx/to-onnx.js';
export { WireWriter, wireType } from './onnx/wire-write.js';
export { type DataFile, onnxChunks, writeOnnx } from './onnx/write.js';
