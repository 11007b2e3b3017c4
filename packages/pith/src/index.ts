/**
 * pith: makes trained neural networks small. One call for each job; every call takes one object of options, a signal and a progress
 * callback, refuses unknown keys, throws PithError and prints nothing.
 */
export { type ErrorCode, type ErrorDetail, type ErrorKind, exitCodes, PithError, type Place } from './base/errors.js';
export type { Attribute, Dim, DType, GraphData, Model, NodeData, Tensor, ValueInfo } from './base/tensor.js';
export type { Samples } from './calibrate/samples.js';
export type { Dataset, Split } from './data/dataset.js';
export { type OpenOptions, openDataset } from './data/open.js';
export type { Preprocess } from './data/preprocess.js';
export { type SyntheticOptions, syntheticDigits } from './data/synthetic.js';
export { type Analysis, analyze, type SizeNode } from './library/analyze.js';
export { type BenchOptions, type BenchResult, bench, type Peer, type Timed, type TimedLayer } from './library/bench.js';
export {
  type CompareOptions,
  type CompareResult,
  compare,
  compareReport,
  type ResumeCompareOptions,
  resumeCompare,
} from './library/compare/compare.js';
export { methods } from './library/compare/list.js';
export type { Bench, Ladder, Method, PlannedPoint } from './library/compare/method.js';
export type { CompareProgress } from './library/compare/progress.js';
export type { CompressResult } from './library/compress-job.js';
export type { DataOptions } from './library/data-source.js';
export {
  type ChangedFact,
  type ChangedTensor,
  type Difference,
  type DiffSide,
  diff,
  type TensorError,
  type TensorSide,
} from './library/diff.js';
export type { ChangedNode } from './library/diff-nodes.js';
export { type Diagnosis, doctor, type OperatorVerdict, type Verdict } from './library/doctor.js';
export { type EvaluateOptions, type EvaluateResult, evaluate } from './library/evaluate.js';
export type { FrontierPoint } from './library/frontier.js';
export { type InferOptions, type InferResult, infer } from './library/infer.js';
export { type InspectedLayer, type Inspection, inspect } from './library/inspect.js';
export type { ModelSource } from './library/model-source.js';
export { decode, loadModel, saveModel } from './library/models.js';
export { runReport } from './library/run-report.js';
export {
  type CompressOptions,
  compress,
  type ResumeOptions,
  type ResumeResult,
  type RunOptions,
  resume,
  type TrainOptions,
  type TrainResult,
  train,
} from './library/runs.js';
export { type SqueezeResult, squeeze } from './library/squeeze.js';
export type { SqueezeOptions, SqueezeProgress } from './library/squeeze-options.js';
export { type PlanSqueezeOptions, planSqueeze, type SqueezePlan } from './library/squeeze-plan.js';
export type { TrainPlan } from './library/training.js';
export { type Check, type Verification, type VerifyOptions, verify } from './library/verify.js';
export { parseRecipe, type Recipe, type RecipeInput, type Step, type StepInput } from './recipe/recipe.js';
export { recipes } from './recipe/recipes/list.js';
export type { RunProgress } from './recipe/runner.js';
export { renderCompare } from './report/compare-html.js';
export type { ComparedCurve, ComparedPoint, ComparedRow, CompareReport } from './report/compare-report.js';
export { compareText } from './report/compare-text.js';
export { renderReport } from './report/html.js';
export type { Report } from './report/report.js';
export { renderSqueeze } from './report/squeeze-html.js';
export type { SqueezedTensor, SqueezeReport, SqueezeRound } from './report/squeeze-report.js';
export { squeezeText } from './report/squeeze-text.js';
export { renderText } from './report/text.js';
export type { Fidelity } from './squeeze/fidelity.js';
export { networks } from './zoo/list.js';
export { buildNetwork, type NetworkOptions } from './zoo/network.js';
