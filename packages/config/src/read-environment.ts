import { readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';

import { ConfigError } from './check-config.ts';
import type { Environment } from './settings-reader.ts';

/**
 * Lays the environment over the file that `CONFIG_FILE` names (lines of `NAME=value`), so that settings come from
 * the defaults, then the file, then the environment, each stronger than the one before.
 *
 * @throws {ConfigError} when `CONFIG_FILE` is set and the file cannot be read
 */
export function readEnvironment(env: Environment): Environment {
  const file = env['CONFIG_FILE'];
  if (!file) return env;
  try {
    return { ...parseEnv(readFileSync(file, 'utf8')), ...env };
  } catch (error: unknown) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new ConfigError([`CONFIG_FILE must name a readable file, but ${reason}`]);
  }
}
