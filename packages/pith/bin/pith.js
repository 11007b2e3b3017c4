#!/usr/bin/env node
// The command `pith`. It exists before the build so that npm can link it; the program itself is built into dist/.
import { main } from '../dist/cli/main.js';

// Whoever reads may stop reading: no reason to end the work, nor to complain. A result that cannot be written is told of by who writes it.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
process.exitCode = await main(process.argv.slice(2));
