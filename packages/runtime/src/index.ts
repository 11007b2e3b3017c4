/** pith-runtime: reads and runs .pith files. No dependencies, no Node-only import. */
export { type ErrorCode, type ErrorDetail, type ErrorKind, PithError, type Place } from './errors.js';
export type { Attribute, Dim, GraphData, Model, NodeData, OpaqueInitializer, ValueInfo } from './model.js';
export { byteSize, bytesOf, type DType, dtypeOfOnnx, dtypes, sizeOf, type Tensor, type TensorData, viewAs, zeros } from './tensor.js';
