/** Every command, in the order of the help. A new one is a file and a line here. */
import type { CommandSpec } from '../command.js';
import { analyzeCommand } from './analyze.js';
import { benchCommand } from './bench.js';
import { compareCommand } from './compare.js';
import { compressCommand } from './compress.js';
import { decodeCommand } from './decode.js';
import { demoCommand } from './demo.js';
import { diffCommand } from './diff.js';
import { doctorCommand } from './doctor.js';
import { evalCommand } from './eval.js';
import { inspectCommand } from './inspect.js';
import { reportCommand } from './report.js';
import { resumeCommand } from './resume.js';
import { runCommand } from './run.js';
import { squeezeCommand } from './squeeze.js';
import { trainCommand } from './train.js';
import { verifyCommand } from './verify.js';
import { zooCommand } from './zoo.js';

export const commands: readonly CommandSpec[] = [
  squeezeCommand,
  trainCommand,
  compressCommand,
  compareCommand,
  resumeCommand,
  reportCommand,
  decodeCommand,
  evalCommand,
  runCommand,
  benchCommand,
  inspectCommand,
  analyzeCommand,
  diffCommand,
  verifyCommand,
  doctorCommand,
  zooCommand,
  demoCommand,
];
