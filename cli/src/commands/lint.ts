import { readFile, stat } from 'node:fs/promises';
import process from 'node:process';
import { parseArgs } from 'node:util';

import { lintSchema, loadSubgraphs, readSupergraphConfig, type LintResult } from '@tributary/planning';
import { loadSchemaFiles } from '@tributary/schema-files';

import { exitCodes } from '../exit-codes.ts';
import { UsageError } from '../usage-error.ts';

/** A schema and the name that its rows go by: a path, or the subgraph in a supergraph file. */
interface LintSource {
  readonly name: string;
  readonly sdl: string;
}

type LintRow = LintResult & { readonly source: string };

/** `tributary lint FILE_OR_FOLDER …` or `tributary lint --config supergraph.yaml`: rows on stdout, 1 if one is an error. */
export async function run(args: string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: { config: { type: 'string' }, format: { type: 'string', default: 'text' } },
  });
  const { config, format } = values;
  if (format !== 'text' && format !== 'json')
    throw new UsageError(`--format must be text or json, but got "${format}"`);
  if ((config === undefined) === (positionals.length === 0))
    throw new UsageError(`Expected either --config or files, but got ${config ? 'both' : 'neither'}`);
  const sources = config === undefined ? await readSources(positionals) : await readSubgraphs(config);
  const rows = sources.flatMap(({ name, sdl }) => lintSchema(sdl).map((row) => ({ source: name, ...row })));
  process.stdout.write(format === 'json' ? `${JSON.stringify(rows, null, 2)}\n` : describeRows(rows));
  return rows.some(({ severity }) => severity === 'error') ? exitCodes.failed : exitCodes.done;
}

const readSources = (paths: readonly string[]): Promise<LintSource[]> =>
  Promise.all(
    paths.map(async (name) => {
      const isFolder = (await stat(name)).isDirectory();
      return { name, sdl: isFolder ? (await loadSchemaFiles(name)).sdl : await readFile(name, 'utf8') };
    }),
  );

async function readSubgraphs(config: string): Promise<LintSource[]> {
  const subgraphs = await loadSubgraphs(await readSupergraphConfig(config));
  return subgraphs.map(({ name, sdl }) => ({ name, sdl }));
}

function describeRows(rows: readonly LintRow[]): string {
  const lines = rows.map(({ source, line, severity, rule, coordinate, message }) =>
    [`${source}:${line}`, severity, rule, coordinate, message].filter((cell) => cell !== '').join('  '),
  );
  const count = (severity: LintRow['severity'], word: string) => {
    const { length } = rows.filter((row) => row.severity === severity);
    return `${length} ${word}${length === 1 ? '' : 's'}`;
  };
  const counts = [count('error', 'error'), count('warning', 'warning'), count('info', 'suggestion')];
  return [...lines, `${counts.join(', ')}\n`].join('\n');
}
