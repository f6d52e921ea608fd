import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { runCommand } from './run-command.ts';

let folder: string;
let stdout = '';
let stderr = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tributary-cli-'));
  stdout = '';
  stderr = '';
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => Boolean((stdout += String(text))));
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => Boolean((stderr += String(text))));
});
afterEach(() => {
  vi.restoreAllMocks();
  rmSync(folder, { recursive: true });
});

const write = (path: string, text: string): string => {
  const file = join(folder, path);
  mkdirSync(join(file, '..'), { recursive: true });
  writeFileSync(file, text);
  return file;
};

const writeSupergraph = (sdl: string): string => {
  write('a.graphql', sdl);
  return write(
    'supergraph.yaml',
    'subgraphs: { a: { routing_url: http://a.test, schema: { file: a.graphql } } }',
  );
};

describe('tributary', () => {
  it.each([[[]], [['help']], [['--help']], [['-h']]])('lists its commands for %j', async (argv) => {
    expect(await runCommand(argv)).toBe(0);
    expect(stdout).toMatch(/^Usage: tributary <command>\n/);
    for (const name of ['dev', 'compose', 'lint', 'rover']) expect(stdout).toContain(`\n  ${name} `);
  });

  it('names the commands there are for one that is not', async () => {
    expect(await runCommand(['publsh'])).toBe(2);
    expect(stderr).toMatch(/^Expected one of dev, compose, lint, rover.*, but got "publsh"\n/);
  });

  it('shows how a command is used that got a wrong option', async () => {
    expect(await runCommand(['compose', '--colour'])).toBe(2);
    expect(stderr).toMatch(/^Unknown option '--colour'.*\nUsage: tributary compose \(--config FILE/);
  });
});

describe('tributary compose', () => {
  it('prints the supergraph', async () => {
    expect(await runCommand(['compose', '--config', writeSupergraph('type Query { a: Int }')])).toBe(0);
    expect(stdout).toContain('A @join__graph(name: "a", url: "http://a.test")');
    expect(stdout.endsWith('}\n')).toBe(true);
    expect(stderr).toBe('');
  });

  it('writes a file only when its text changes', async () => {
    const config = writeSupergraph('type Query { a: Int }');
    const output = join(folder, 'supergraph.graphql');
    await runCommand(['compose', '--config', config, '--output', output]);
    expect(readFileSync(output, 'utf8')).toContain('type Query');
    const { mtimeMs } = statSync(output);
    await runCommand(['compose', '--config', config, '--output', output]);
    expect(statSync(output).mtimeMs).toBe(mtimeMs);
    expect(stdout).toBe('');
  });

  it('reports why subgraphs do not compose', async () => {
    expect(await runCommand(['compose', '--config', writeSupergraph('type Query { a: Nothing }')])).toBe(1);
    expect(stderr).toBe(
      'The subgraphs do not compose, for 1 reason:\n\n' +
        'INVALID_GRAPHQL  [a] Unknown type Nothing\n  at a:1:17\n',
    );
    expect(stdout).toBe('');
  });

  it('says in one line what is wrong with the supergraph file', async () => {
    expect(await runCommand(['compose', '--config', join(folder, 'none.yaml')])).toBe(1);
    expect(stderr).toBe(`${folder}/none.yaml cannot be used: expected a readable file, but got ENOENT\n`);
  });

  it('joins the files of one schema', async () => {
    write('schema/types/a.graphql', 'scalar A');
    write('schema/schema.graphql', 'type Query { a: A }');
    expect(await runCommand(['compose', '--schema', join(folder, 'schema')])).toBe(0);
    expect(stdout).toBe('# From schema.graphql\ntype Query { a: A }\n\n# From types/a.graphql\nscalar A\n');
  });

  it('wants to know what to compose', async () => {
    expect(await runCommand(['compose'])).toBe(2);
    expect(stderr).toMatch(/^Expected one of --config and --schema, but got neither\n/);
  });
});

describe('tributary lint', () => {
  it('prints a row for each finding and passes when none is an error', async () => {
    const file = write('a.graphql', '"Q" type Query { a_b: Int }');
    expect(await runCommand(['lint', file])).toBe(0);
    expect(stdout).toBe(
      `${file}:1  warning  naming  Query.a_b  Expected a name in camelCase, but got a_b
${file}:1  warning  descriptions  Query.a_b  Expected a description of Query.a_b, but it has none
0 errors, 2 warnings, 0 suggestions
`,
    );
  });

  it('fails on errors, also in JSON, and reads folders', async () => {
    write('schema/a.graphql', 'input A { a: A! }');
    expect(await runCommand(['lint', '--format', 'json', join(folder, 'schema')])).toBe(1);
    expect(JSON.parse(stdout)).toContainEqual(
      expect.objectContaining({ rule: 'input-cycles', coordinate: 'A.a', severity: 'error', line: 2 }),
    );
  });

  it('reads all subgraphs of a supergraph', async () => {
    const config = writeSupergraph('type Query { a: Int }');
    expect(await runCommand(['lint', '--config', config])).toBe(0);
    expect(stdout).toContain('a:1  warning  descriptions  Query.a');
  });

  it('says which file is missing', async () => {
    expect(await runCommand(['lint', join(folder, 'none.graphql')])).toBe(1);
    expect(stderr).toContain(`no such file or directory, stat '${folder}/none.graphql'`);
  });
});
