#!/usr/bin/env node
// The command `pith`. It exists before the build so that npm can link it; the program itself is built into dist/.
import { main } from '../dist/cli/main.js';

process.exitCode = await main(process.argv.slice(2));
