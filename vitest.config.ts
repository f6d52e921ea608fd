import { defineConfig } from 'vitest/config';

const longSuites = ['**/*.long.test.ts'];
const folderOf = (name: string) => `tests/${name}/**/*.test.ts`;

/** Projects of the test command; `vitest --project unit` runs one of them. */
export default defineConfig({
  test: {
    reporters: ['default'],
    projects: [
      {
        test: {
          name: 'unit',
          include: [
            '{gateway,cli}/src/**/*.test.ts',
            '{packages,subgraphs}/*/src/**/*.test.ts',
            'scripts/**/*.test.ts',
          ],
        },
      },
      ...['integration', 'conformance', 'e2e', 'chaos'].map((name) => ({
        test: {
          name,
          include: [folderOf(name)],
          exclude: longSuites,
          testTimeout: 60_000,
          hookTimeout: 120_000,
        },
      })),
      { test: { name: 'long', include: longSuites, testTimeout: 1_800_000, hookTimeout: 120_000 } },
    ],
  },
});
