/** pith-runtime: reads and runs .pith files. No dependencies, no Node-only import. */
export { trellisNext, trellisValue } from './codec/trellis.js';
export { type ErrorCode, type ErrorDetail, type ErrorKind, PithError, type Place } from './errors.js';
export { isDefaultAttribute } from './format/attributes.js';
export { cscBytes, csrBytes, type SparseFormOptions } from './format/csr.js';
export type { Limits } from './format/limits.js';
export {
  asDense,
  type PithFile,
  PithStream,
  type PithStreamOptions,
  readModel,
  readModelOn,
  readPith,
  readPithOn,
  toModel,
} from './format/read.js';
export {
  type CoderChoice,
  coderChoices,
  type DecodeJob,
  type EncodeJob,
  type Parcel,
  parcelOf,
  runSectionJob,
  type SectionHost,
  type SectionJob,
  type SectionResult,
} from './format/sections.js';
export type { Parts, PithReport, SectionSize, TensorSize } from './format/sizes.js';
export { type DenseStored, densify, keptOf, type SharedStored, type SparseStored, type StoredTensor } from './format/stored.js';
export type { DecodedTensor, EncodedSection } from './format/tensors.js';
export {
  type Levels,
  type MatrixView,
  narrowed,
  naturalView,
  stepOf,
  type UniformDType,
  type UniformStored,
  uniformDTypes,
} from './format/uniform.js';
export { type WritePithOptions, type WrittenPith, writePith, writePithOn } from './format/write.js';
export { hasRelaxedSimd } from './kernels/relaxed.js';
export type { Explained } from './model/explain.js';
export type { Feed, FeedData, Feeds } from './model/feeds.js';
export type { KernelSource } from './model/kernel-module.js';
export { type LoadOptions, load } from './model/load.js';
export type { LoadedModel, ModelMemory, Output, Outputs, RunOptions } from './model/loaded-model.js';
export { unsupportedOperators } from './model/prepare.js';
export type { Progress } from './model/sink.js';
export type { Source } from './model/source.js';
export type { Attribute, Dim, GraphData, Model, NodeData, OpaqueInitializer, ValueInfo } from './model.js';
export { byteSize, bytesOf, type DType, dtypeOfOnnx, dtypes, sizeOf, type Tensor, type TensorData, viewAs, zeros } from './tensor.js';
