#!/usr/bin/env node
import process from 'node:process';

import { runCommand } from './run-command.ts';

// The exit code is set, not exited with: what is still in the pipes gets written.
process.exitCode = await runCommand(process.argv.slice(2));
