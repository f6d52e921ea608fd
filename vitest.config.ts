import { availableParallelism } from 'node:os';

import { defineConfig } from 'vitest/config';

const longSuites = ['**/*.long.test.ts'];
const folderOf = (name: string) => `tests/${name}/**/*.test.ts`;

/**
 * Node loads graphql's CommonJS build (its package.json has `main` and no `exports`); vite would prefer the ES modules
 * beside it, and then Apollo's packages and ours would each have a graphql of their own, which refuse each other.
 */
const resolve = { alias: [{ find: /^graphql$/, replacement: 'graphql/index.js' }] };

/** Vitest would leave one core to itself, which is half of a small machine: it has little to do while tests run. */
const maxWorkers = Math.max(2, availableParallelism() - 1);

/** What is waited for comes when it comes, on a busy machine late; the test's own limit is for what never does. */
const patient = { poll: { timeout: 30_000 } };

/** Projects of the test command; `vitest --project unit` runs one of them. */
export default defineConfig({
  test: {
    reporters: ['default'],
    maxWorkers,
    coverage: {
      include: ['{gateway,cli}/src/**/*.ts', '{packages,subgraphs}/*/src/**/*.ts'],
      exclude: ['**/*.test.ts', '**/*.test-support.ts', '**/generated/**'],
    },
    projects: [
      {
        resolve,
        test: {
          name: 'unit',
          // One process for many files, since starting one takes longer than most of them: units keep no state.
          isolate: false,
          include: [
            '{gateway,cli}/src/**/*.test.ts',
            '{packages,subgraphs}/*/src/**/*.test.ts',
            'scripts/**/*.test.ts',
            'bench/**/*.test.ts',
          ],
        },
      },
      ...['integration', 'conformance', 'e2e', 'chaos'].map((name) => ({
        resolve,
        test: {
          name,
          include: [folderOf(name)],
          exclude: longSuites,
          testTimeout: 60_000,
          hookTimeout: 120_000,
          expect: patient,
        },
      })),
      {
        resolve,
        test: {
          name: 'long',
          include: longSuites,
          testTimeout: 1_800_000,
          hookTimeout: 120_000,
          expect: patient,
        },
      },
    ],
  },
});
