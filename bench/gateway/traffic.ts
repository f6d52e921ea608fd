import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import type { TokenIssuer } from '../support/client-tokens.ts';
import type { RunScope } from '../support/run-scope.ts';
import type { Load } from './load.ts';
import type { Variant } from './row.ts';

/** Tokens of more users than any gateway remembers, so that each is new to it, made before anything is measured. */
export interface ClientTokens {
  readonly file: string;
  readonly all: readonly string[];
}

/** Writes the tokens for the load generator, one in each line. */
export function createClientTokens(scope: RunScope, issuer: TokenIssuer, count: number): ClientTokens {
  const all = Array.from({ length: count }, (_, user) => issuer.tokenOf(user));
  const file = join(scope.folder, 'tokens.txt');
  writeFileSync(file, all.join('\n'));
  return { file, all };
}

/** The texts that clients send in a variant: the plain one, or others only. */
export const textsOf = (load: Load, { texts }: Variant): readonly string[] =>
  (texts === 1 ? [0] : Array.from({ length: texts }, (_, index) => index + 1)).map((number) =>
    onOneLine(load.text(number)),
  );

/** As clients send it: without the indentation of the source. */
const onOneLine = (text: string): string => text.trim().replaceAll(/\s+/g, ' ');

/** Writes the texts for the load generator, one body in each line. */
export function writeBodies(scope: RunScope, load: Load, variant: Variant): string {
  const file = join(scope.folder, `${load.name}-${variant.texts}.txt`);
  const bodies = textsOf(load, variant).map((query) => JSON.stringify({ query }));
  writeFileSync(file, bodies.join('\n'));
  return file;
}
