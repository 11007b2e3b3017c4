/**
 * Counts a run of the tests for .ci/run: `node count.mjs RESULT.json STATUS` prints `PASSED FAILED`. Failed are also tests that were
 * skipped, files that could not be loaded, and a status that no test explains; each is named on standard error.
 */
import { readFileSync } from 'node:fs';

const [, , path = '', status = '1'] = process.argv;

let passed = 0;
const wrong = [];
try {
  for (const { name, message, assertionResults } of JSON.parse(readFileSync(path, 'utf8')).testResults) {
    if (assertionResults.length === 0) wrong.push(`${name}: no test ran: ${message.split('\n')[0]}`);
    for (const test of assertionResults)
      if (test.status === 'passed') passed++;
      else wrong.push(`${test.status}: ${name}: ${test.fullName}`);
  }
} catch (error) {
  wrong.push(`the result of the tests cannot be read: ${error.message}`);
}
if (status !== '0' && wrong.length === 0) wrong.push(`npm test ended with status ${status}, and no test says why`);
if (passed + wrong.length === 0) wrong.push('no test ran');
for (const line of wrong) process.stderr.write(`${line}\n`);
process.stdout.write(`${passed} ${wrong.length}\n`);
