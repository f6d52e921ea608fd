// Rover's composition plugin. Rover runs `supergraph-vX.Y.Z compose FILE` and reads one JSON object from stdout.
import process from 'node:process';

import { composeForRover } from './rover-answer.ts';

const [command, file] = process.argv.slice(2);
if (command === 'compose' && file !== undefined) {
  const answer = await composeForRover(file);
  process.stdout.write(JSON.stringify(answer));
  process.exitCode = 'Err' in answer ? 1 : 0;
} else {
  process.stderr.write(`Expected "compose FILE" from rover, but got "${process.argv.slice(2).join(' ')}"\n`);
  process.exitCode = 2;
}
