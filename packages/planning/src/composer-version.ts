import { createRequire } from 'node:module';

const manifest = createRequire(import.meta.url)('@apollo/composition/package.json') as {
  readonly version: string;
};

/** The version of the federation rules that this project composes by, for example `2.14.4`. */
export const composerVersion: string = manifest.version;
