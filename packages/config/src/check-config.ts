import { SettingsReader, type Environment } from './settings-reader.ts';

/** A start refused because of its settings; `message` lists every problem, one after the other. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(problems.join('; '));
    this.problems = problems;
  }
}

/**
 * Reads all settings of a process at once, so that a wrong start names every problem and not just the first.
 *
 * @example
 * checkConfig(process.env, (read) => ({ port: read.integer('PORT', { default: 4002, min: 1 }) }))
 * // { port: 4002 }, deeply frozen
 * @throws {ConfigError} "DATABASE_URL is missing; PORT must be an integer of at least 1, but got "abc""
 */
export function checkConfig<T extends object>(
  env: Environment,
  build: (read: SettingsReader) => T,
): Readonly<T> {
  const read = new SettingsReader(env);
  const config = build(read);
  if (read.problems.length > 0) throw new ConfigError(read.problems);
  return deepFreeze(config);
}

function deepFreeze<T extends object>(value: T): Readonly<T> {
  for (const part of Object.values(value)) {
    const isPlain = Array.isArray(part) || Object.getPrototypeOf(part ?? 0) === Object.prototype;
    if (isPlain) deepFreeze(part);
  }
  return Object.freeze(value);
}
