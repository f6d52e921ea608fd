import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { compileFunction } from 'node:vm';

/** One place of a module's code, and what stands there instead. */
export interface Replacement {
  readonly original: string;
  readonly corrected: string;
}

/** How a copy of a module differs from the module. */
export interface Corrections {
  readonly replacements?: readonly Replacement[];
  /** Code behind that of the module, for the replacements to use. */
  readonly appended?: string;
  /** What the copy gets for names that it requires. @default what the module gets */
  readonly modules?: Readonly<Record<string, unknown>>;
}

const require = createRequire(import.meta.url);

/**
 * Loads a corrected copy of a CommonJS module of a package. Whoever loads the package gets it as it was published.
 *
 * @param path of the module, beginning with its package
 * @throws {Error} when the published code is not the one that was corrected
 */
export function loadCorrected(
  path: string,
  { replacements = [], appended = '', modules = {} }: Corrections,
): unknown {
  const filename = require.resolve(path);
  const code = replacements.reduce(replaceOnce(path), readFileSync(filename, 'utf8')) + appended;
  const run = compileFunction(code, ['exports', 'require', 'module', '__filename', '__dirname'], {
    filename,
  });
  const requireBeside = createRequire(filename);
  const requireFirst = (name: string): unknown => modules[name] ?? requireBeside(name);
  const module = { exports: {} };
  run(module.exports, requireFirst, module, filename, dirname(filename));
  return module.exports;
}

const replaceOnce =
  (path: string) =>
  (source: string, { original, corrected }: Replacement): string => {
    const [before = '', after, ...more] = source.split(original);
    if (after !== undefined && more.length === 0) return before + corrected + after;
    throw new Error(
      `Expected ${path} to contain "${original}" once: another version of it needs its corrections checked`,
    );
  };
