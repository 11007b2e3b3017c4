/**
 * A run folder: `run.json` (what was asked: recipe, seed, versions, hashes), `events.ndjson` (what happened), `checkpoints/` (where it
 * stands), a copy of the model that came in. Node only. Every file but the log is written whole or not at all; the log is appended to, and
 * a line torn by a crash is cut off when the folder is opened again.
 */
import { appendFile, readdir, readFile, rm, rmdir, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { PithError } from '../base/errors.js';
import { makeFolder, outputError, writeAtomic } from '../base/files.js';
import { checkOption } from '../base/options.js';
import { type Checkpoint, decodeCheckpoint, encodeCheckpoint } from './checkpoint.js';

export class RunFolder {
  readonly path: string;

  private constructor(path: string) {
    this.path = path;
  }

  /**
   * A new run in an empty or new folder; `fill` writes what belongs to it, before run.json makes it a run. Throws `usage.run-exists`,
   * also for a folder that holds anything else: nobody's files are overwritten. What `fill` throws leaves no folder.
   */
  static async create(path: string, run: unknown, fill: (file: (name: string) => string) => Promise<void>): Promise<RunFolder> {
    const there: string[] = await readdir(path).catch(() => []);
    if (there.includes('run.json'))
      throw new PithError('usage.run-exists', {
        at: { file: path },
        expected: 'a folder without a run, or the run that was begun there',
        got: 'a run with other settings',
        fix: `go on with it by \`pith resume ${path}\`, or name another folder by --run`,
      });
    // Left by a start that was cut off: nothing in it was made by anybody else, and nothing has been trained.
    const begun = there.includes('checkpoints') && (await readdir(join(path, 'checkpoints')).catch(() => [''])).length === 0;
    if (there.length > 0 && !begun)
      throw new PithError('usage.run-exists', {
        at: { file: path },
        expected: 'a folder that is empty or not there yet',
        got: `one that holds ${there.slice(0, 3).join(', ')}`,
        fix: 'name another folder by --run',
      });
    await makeFolder(join(path, 'checkpoints'));
    const folder = new RunFolder(path);
    try {
      await fill((name) => folder.file(name));
      await folder.writeJson('run.json', run);
      return folder;
    } catch (error) {
      for (const name of ['checkpoints', 'model.onnx', 'teachers', 'run.json'])
        await rm(folder.file(name), { recursive: true, force: true });
      await rmdir(path).catch(() => undefined); // stays where it holds anything else
      throw error;
    }
  }

  /** A run that was begun. Throws `input.run` where there is none. */
  static async open(path: string): Promise<{ readonly folder: RunFolder; readonly run: unknown }> {
    checkOption('path', 'the path of a run folder', path, typeof path === 'string');
    const folder = new RunFolder(path);
    const run = await folder.readJson('run.json');
    if (run === undefined)
      throw new PithError('input.run', {
        at: { file: path },
        expected: 'a run folder',
        got: 'no run.json in it',
        fix: 'give the folder named by --run',
      });
    await folder.mendLog();
    return { folder, run };
  }

  async writeJson(name: string, value: unknown): Promise<void> {
    await writeAtomic(join(this.path, name), new TextEncoder().encode(`${JSON.stringify(value, null, 2)}\n`));
  }

  /** undefined where the file is absent. Throws `input.run` where it is not JSON. */
  async readJson(name: string): Promise<unknown> {
    const text = await readFile(join(this.path, name), 'utf8').catch(() => undefined);
    if (text === undefined) return undefined;
    try {
      return JSON.parse(text);
    } catch (error) {
      throw new PithError('input.run', { at: { file: join(this.path, name) }, expected: 'JSON', got: 'something else' }, { cause: error });
    }
  }

  file(name: string): string {
    return join(this.path, name);
  }

  private checkpointPath(name: string): string {
    return join(this.path, 'checkpoints', `${name}.safetensors`);
  }

  async save(name: string, checkpoint: Checkpoint): Promise<void> {
    await writeAtomic(this.checkpointPath(name), encodeCheckpoint(checkpoint));
  }

  async load(name: string): Promise<Checkpoint | undefined> {
    const path = this.checkpointPath(name);
    const bytes = await readFile(path).catch(() => undefined);
    if (bytes === undefined) return undefined;
    try {
      return decodeCheckpoint(bytes);
    } catch (error) {
      throw error instanceof PithError ? error.within({ file: path }) : error;
    }
  }

  async remove(name: string): Promise<void> {
    await rm(this.checkpointPath(name), { force: true });
  }

  async event(event: Readonly<Record<string, unknown>>): Promise<void> {
    const path = join(this.path, 'events.ndjson');
    await appendFile(path, `${JSON.stringify(event)}\n`).catch((error: unknown) => {
      throw outputError(path, error);
    });
  }

  private async mendLog(): Promise<void> {
    const path = join(this.path, 'events.ndjson');
    const text = await readFile(path).catch(() => undefined);
    if (text && text.at(-1) !== 10) await truncate(path, text.lastIndexOf(10) + 1);
  }
}
