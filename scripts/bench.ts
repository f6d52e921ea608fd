// `npm run bench -- NAME [options]`: the benchmarks are the folders of bench/ that have a main.ts.
import { globSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

const folder = fileURLToPath(new URL('../bench/', import.meta.url));
const names = globSync('*/main.ts', { cwd: folder }).map(dirname).toSorted();

const [name = ''] = process.argv.splice(2, 1);
if (names.includes(name)) {
  await import(new URL(`../bench/${name}/main.ts`, import.meta.url).href);
} else {
  console.error(
    `Expected a benchmark (${names.join(', ')}), but got ${name === '' ? 'nothing' : `"${name}"`}`,
  );
  process.exitCode = 1;
}
