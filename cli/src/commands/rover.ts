import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { constants } from 'node:os';
import process from 'node:process';

import { findRover } from '../rover/find-rover.ts';
import { writePlugin } from '../rover/write-plugin.ts';

/**
 * `tributary rover …` is Apollo's rover with our arguments, its composer replaced by the one that is installed here.
 * Left to itself it would download one, look for updates and report its use.
 */
export async function run(args: string[]): Promise<number> {
  const rover = findRover();
  await using plugin = await writePlugin();
  const child = spawn(rover, args, {
    stdio: 'inherit',
    env: {
      ...process.env,
      APOLLO_NODE_MODULES_BIN_DIR: plugin.folder,
      // Rover leaves a folder behind among the temporary ones, and a licence and a machine's id in the user's home,
      // which may not be writable: this way they go with ours. Who has profiles for GraphOS names their folder.
      TMPDIR: plugin.folder,
      APOLLO_CONFIG_HOME: process.env['APOLLO_CONFIG_HOME'] ?? plugin.folder,
      APOLLO_ELV2_LICENSE: 'accept',
      APOLLO_ROVER_SKIP_UPDATE: '1',
      APOLLO_TELEMETRY_DISABLED: '1',
      RUST_BACKTRACE: '0',
    },
  });
  const forward = (signal: NodeJS.Signals) => child.kill(signal);
  // Ctrl-C reaches rover by itself; we only stay long enough to tidy up.
  const ignore = () => {};
  process.on('SIGINT', ignore).on('SIGTERM', forward);
  try {
    const [code, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
    return code ?? 128 + (signal ? constants.signals[signal] : 0);
  } finally {
    process.off('SIGINT', ignore).off('SIGTERM', forward);
  }
}
