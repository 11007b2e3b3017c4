/** Models that teach another one: opened, and tried on an image of the data before hours are spent; kept in the run folder for `resume`. */
import { PithError } from '../base/errors.js';
import { makeFolder } from '../base/files.js';
import { sha256 } from '../base/hash.js';
import { asWritten } from '../base/options.js';
import type { Model } from '../base/tensor.js';
import { batches } from '../data/batches.js';
import { type Dataset, firstImages } from '../data/dataset.js';
import type { Preprocess } from '../data/preprocess.js';
import { type Engine, withSession } from '../engine/engine.js';
import { saveModel } from '../onnx/file.js';
import { writeOnnx } from '../onnx/write.js';
import { checkFits } from './data-source.js';
import { inModel, type ModelSource, openModel } from './model-source.js';

export interface Teacher {
  readonly model: Model;
  /** SHA-256 of the model as ONNX. */
  readonly hash: string;
  readonly source: ModelSource;
}

/** Throws `usage.teacher` for an empty list, and what opening a model throws. */
export async function openTeachers(sources: readonly ModelSource[]): Promise<Teacher[]> {
  if (!Array.isArray(sources) || sources.length === 0)
    throw new PithError('usage.teacher', {
      at: { option: 'teacher' },
      expected: 'a list of models that teach, at least one',
      got: Array.isArray(sources) ? 'none' : asWritten(sources),
    });
  const teachers: Teacher[] = [];
  for (const source of sources) {
    const { model } = await openModel(source, 'teacher');
    teachers.push({ model, hash: sha256(writeOnnx(model)), source });
  }
  return teachers;
}

export interface TeacherCheck {
  readonly engine: Engine;
  readonly data: Dataset;
  readonly preprocess: Preprocess;
  /** Outputs of the student. */
  readonly outputs: number;
}

/**
 * Runs each teacher on two images. Throws `unsupported.inputs` and `input.image-size` where it does not take the images of the student,
 * `input.teacher` where its answers are not logits of as many classes or its batch is fixed, `numeric.teacher` where they are not finite;
 * each with the teacher's file where it has one.
 */
export async function checkTeachers(teachers: readonly Teacher[], { engine, data, preprocess, outputs }: TeacherCheck): Promise<void> {
  const part = firstImages(data.train, Math.min(2, data.train.count));
  const [batch] = batches({ split: part, batch: part.count, preprocess, shuffle: false });
  const { images, dims, count } = batch!;
  for (const { model, source } of teachers)
    await inModel(source, async () => {
      checkFits(model, data, preprocess);
      const { graph } = model;
      const input = graph.inputs.find((v) => !graph.initializers.has(v.name))!;
      if (typeof input.dims?.[0] === 'number')
        throw new PithError('input.teacher', {
          at: { tensor: input.name },
          expected: 'a teacher that takes batches of any size',
          got: `batches of ${input.dims[0]}`,
          fix: 'export it with a free first dimension',
        });
      const name = graph.outputs[0]?.name ?? '';
      const answers = await withSession(engine, model, { threads: 1 }, (session) =>
        session.run(new Map([[input.name, { dtype: 'float32', dims, data: images }]])),
      );
      const answer = answers.get(name);
      if (answer?.dtype !== 'float32' || answer.dims[0] !== count || answer.data.length !== count * outputs)
        throw new PithError('input.teacher', {
          at: { tensor: name },
          expected: `float32 logits [N, ${outputs}], as the model that is taught has`,
          got: answer ? `${answer.dtype} [${['N', ...answer.dims.slice(1)].join(', ')}]` : 'no output',
          fix: 'choose a teacher for the same classes',
        });
      const wrong = Array.from(answer.data as Float32Array).find((z) => !Number.isFinite(z));
      if (wrong !== undefined)
        throw new PithError('numeric.teacher', { at: { tensor: name }, expected: 'finite logits', got: String(wrong) });
    });
}

const folder = 'teachers';
const nameOf = (index: number): string => `${folder}/${index + 1}.onnx`;

/** `file`: a name in the run folder to its path. */
export async function saveTeachers(teachers: readonly Teacher[], file: (name: string) => string): Promise<void> {
  if (teachers.length === 0) return;
  await makeFolder(file(folder));
  for (const [i, { model }] of teachers.entries()) await saveModel(file(nameOf(i)), model);
}

/** Those that a run was begun with. Throws `input.run` where one is not what it was, and what opening a model throws. */
export async function restoreTeachers(hashes: readonly string[], file: (name: string) => string): Promise<Teacher[]> {
  if (hashes.length === 0) return [];
  const teachers = await openTeachers(hashes.map((_, i) => file(nameOf(i))));
  for (const [i, { hash }] of teachers.entries())
    if (hash !== hashes[i])
      throw new PithError('input.run', {
        at: { file: file(nameOf(i)) },
        expected: 'the teacher that the run was begun with',
        got: 'another model',
        fix: 'restore it, or begin a new run',
      });
  return teachers;
}
