import { Command, CommanderError } from 'commander';
import { expect, test } from 'vitest';
import { type ErrorKind, exitCodes, PithError } from '../../src/base/errors.js';
import { failureOf } from '../../src/cli/exit.js';

const wrong = new PithError('input.shape', {
  at: { file: 'model.onnx', node: 'conv1' },
  expected: 'a kernel of rank 4',
  got: 'rank 3',
  fix: 'export the model again',
});

test('An error of pith is told without a stack, with what to do, and ends with the code of its class', () => {
  expect(failureOf(wrong)).toEqual({
    text: 'error: model.onnx, node "conv1": expected a kernel of rank 4, got rank 3\nhint:  export the model again',
    exitCode: 3,
    json: {
      error: {
        code: 'input.shape',
        message: wrong.message,
        at: { file: 'model.onnx', node: 'conv1' },
        expected: 'a kernel of rank 4',
        got: 'rank 3',
        fix: 'export the model again',
      },
    },
  });
});

test('An error that knows no remedy has no hint', () => {
  expect(failureOf(new PithError('usage.size', { expected: 'a size', got: 'none' })).text).toBe('error: expected a size, got none');
});

const kinds = Object.keys(exitCodes) as ErrorKind[];
test.each(kinds)('The class %s has its exit code', (kind) => {
  expect(failureOf(new PithError(`${kind}.x`, { expected: 'a', got: 'b' })).exitCode).toBe(exitCodes[kind]);
});

test('--debug adds the stack and the cause', () => {
  const error = new PithError('input.file', { expected: 'a', got: 'b' }, { cause: new Error('the disk') });
  expect(failureOf(error).text).not.toMatch(/exit\.test|the disk/);
  expect(failureOf(error, { debug: true }).text).toMatch(/^error: expected a, got b\n\n[\s\S]*exit\.test[\s\S]*the disk/);
});

test.each([
  [new TypeError('x is not a function'), 'x is not a function'],
  [new Error(''), 'Error'],
  [new PithError('bug.cannot-happen', { expected: 'a', got: 'b' }), 'expected a, got b'],
  ['a string', 'a string'],
  [undefined, 'undefined'],
  [Object.create(null), 'something that is not an error was thrown'],
])('%s is called a bug of pith', (error, message) => {
  const failure = failureOf(error);
  expect(failure.text.split('\n')).toEqual([`error: ${message}`, expect.stringContaining('this is a bug in pith')]);
  expect(failure.exitCode).toBe(1);
  expect(failure.json).toMatchObject({ error: { message } });
});

test('An abort that no room has named is an interruption', () => {
  expect(failureOf(new DOMException('stop', 'AbortError')).exitCode).toBe(5);
});

test('Names from files cannot write to the terminal', () => {
  const { text } = failureOf(
    new PithError('input.file', { at: { file: 'a\u001b[2Jb\r\nerror: c' }, expected: 'a', got: 'b', fix: '\u0007' }),
  );
  expect(text.split('\n')).toHaveLength(2);
  expect(text).not.toMatch(/(?!\n)\p{Cc}/u);
});

test('The help that commander has printed ends with 0, without a command with 2; a wrong option is told like other errors', () => {
  const parse = (...words: string[]): unknown => {
    const command = new Command('pith').exitOverride().configureOutput({ writeOut: () => undefined, writeErr: () => undefined });
    try {
      command.parse(words, { from: 'user' });
    } catch (error) {
      return error;
    }
    return undefined;
  };
  expect(parse('--help')).toBeInstanceOf(CommanderError);
  expect(failureOf(parse('--help'))).toMatchObject({ text: '', exitCode: 0 });
  expect(failureOf(new CommanderError(1, 'commander.help', '(outputHelp)'))).toMatchObject({ text: '', exitCode: 2 });
  expect(failureOf(parse('--nonsense'))).toMatchObject({
    text: "error: unknown option '--nonsense'",
    exitCode: 2,
    json: { error: { code: 'usage.command' } },
  });
  const { text, json } = failureOf(parse('--hepl'), { help: 'pith --help shows all' });
  expect(text).toBe("error: unknown option '--hepl'\nhint:  did you mean --help? pith --help shows all");
  expect(json).toMatchObject({ error: { message: "unknown option '--hepl'", fix: 'did you mean --help? pith --help shows all' } });
});
