import { readFileSync } from 'node:fs';

/** The shape of `process.env`. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** What every setting may have: a value for when the environment names none. Without it the setting is required. */
export interface SettingOptions<T> {
  readonly default?: T;
}

/** Bounds of a number, both inclusive. */
export interface NumberOptions extends SettingOptions<number> {
  /** @default no lower bound */
  readonly min?: number;
  /** @default no upper bound */
  readonly max?: number;
}

/** Stands for a value that has a problem; never leaves `checkConfig`, which throws when there is any. */
const refused = undefined as never;

/**
 * Reads one setting after the other and collects what is wrong with them. Every setting is also read from the
 * file that `NAME_FILE` points to, which is how orchestrators hand over secrets.
 */
export class SettingsReader {
  readonly problems: string[] = [];
  readonly #env: Environment;

  constructor(env: Environment) {
    this.#env = env;
  }

  /** Any text; an empty one counts as absent. */
  string(name: string, options: SettingOptions<string> = {}): string {
    return this.#read(name, options, 'text', (text) => text);
  }

  /** Like {@link string}, for a setting that may be absent without a default. */
  optionalString(name: string): string | undefined {
    return this.#find(name);
  }

  /** The text of a secret. A problem with it never repeats the value. */
  secret(name: string, options: SettingOptions<string> & { readonly minLength?: number } = {}): string {
    const { minLength = 1 } = options;
    const text = this.#find(name) ?? options.default;
    if (text === undefined) return this.#missing(name);
    if (text.length >= minLength) return text;
    return this.#refuse(`${name} must have at least ${minLength} characters, but got ${text.length}`);
  }

  /** A whole number in decimal. */
  integer(name: string, options: NumberOptions = {}): number {
    return this.#read(name, options, `an integer${describeBounds(options)}`, (text) => {
      const number = /^-?\d+$/.test(text) ? Number(text) : Number.NaN;
      return isWithin(number, options) ? number : undefined;
    });
  }

  /** `true`, `false`, `1`, `0`, `on` or `off`. */
  boolean(name: string, options: SettingOptions<boolean> = {}): boolean {
    const words: Record<string, boolean> = {
      true: true,
      '1': true,
      on: true,
      false: false,
      '0': false,
      off: false,
    };
    return this.#read(name, options, 'true or false', (text) => words[text.toLowerCase()]);
  }

  /** One of a few words. */
  oneOf<const T extends string>(
    name: string,
    words: readonly T[],
    options: SettingOptions<NoInfer<T>> = {},
  ): T {
    return this.#read(name, options, `one of ${words.join(', ')}`, (text) =>
      words.find((word) => word === text),
    );
  }

  /** An absolute URL, given back as text. `protocols` are written without the colon. */
  url(
    name: string,
    options: SettingOptions<string> & { readonly protocols?: readonly string[] } = {},
  ): string {
    const { protocols } = options;
    const expected = protocols
      ? `a URL that starts with ${protocols.map((p) => `${p}:`).join(' or ')}`
      : 'a URL';
    return this.#read(
      name,
      options,
      expected,
      (text) => {
        const url = URL.parse(text);
        if (!url || (protocols && !protocols.includes(url.protocol.slice(0, -1)))) return undefined;
        return text;
      },
      withoutCredentials,
    );
  }

  /** Comma-separated words; white space around them does not count, empty ones are left out. */
  list(name: string, options: SettingOptions<readonly string[]> = {}): readonly string[] {
    return this.#read(name, options, 'a comma-separated list', (text) =>
      text
        .split(',')
        .map((word) => word.trim())
        .filter((word) => word !== ''),
    );
  }

  /** Adds a problem that concerns several settings together, for example two that exclude each other. */
  refuse(problem: string): void {
    this.problems.push(problem);
  }

  #read<T>(
    name: string,
    options: SettingOptions<T>,
    expected: string,
    parse: (text: string) => T | undefined,
    show: (text: string) => string = (text) => text,
  ): T {
    const text = this.#find(name);
    if (text === undefined) return options.default === undefined ? this.#missing(name) : options.default;
    const value = parse(text.trim());
    if (value !== undefined) return value;
    return this.#refuse(`${name} must be ${expected}, but got "${show(text)}"`);
  }

  #find(name: string): string | undefined {
    const text = this.#env[name];
    const file = this.#env[`${name}_FILE`];
    if (text && file) return this.#refuse(`${name} and ${name}_FILE are both set: expected one of them`);
    if (!file) return text === '' ? undefined : text;
    try {
      return readFileSync(file, 'utf8').trim();
    } catch (error: unknown) {
      const reason = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
      return this.#refuse(`${name}_FILE must name a readable file, but "${file}" gave ${reason}`);
    }
  }

  #missing(name: string): never {
    // A setting that was refused for another reason is not also missing.
    if (
      this.problems.some(
        (problem) => problem.startsWith(`${name}_FILE `) || problem.startsWith(`${name} and `),
      )
    ) {
      return refused;
    }
    return this.#refuse(`${name} is missing`);
  }

  #refuse(problem: string): never {
    this.problems.push(problem);
    return refused;
  }
}

function describeBounds({ min, max }: NumberOptions): string {
  if (min !== undefined && max !== undefined) return ` from ${min} to ${max}`;
  if (min !== undefined) return ` of at least ${min}`;
  return max === undefined ? '' : ` of at most ${max}`;
}

const isWithin = (number: number, { min = -Infinity, max = Infinity }: NumberOptions): boolean =>
  number >= min && number <= max;

/**
 * Database addresses carry passwords: a message about a wrong one shows where it leads and nothing of who goes there.
 * One that does not parse cannot be told apart into the two.
 */
function withoutCredentials(text: string): string {
  if (!text.includes('@')) return text.replace(/[?#].*$/s, '');
  const url = URL.parse(text);
  // An "@" behind the host is the end of a password with a "/" in it, and what stands before it is no host.
  const isClear = url && url.host !== '' && !`${url.pathname}${url.search}${url.hash}`.includes('@');
  return isClear ? `${url.protocol}//${url.host}` : '(hidden)';
}
