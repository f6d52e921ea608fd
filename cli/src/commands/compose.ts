import { readFile, writeFile } from 'node:fs/promises';
import process from 'node:process';
import { parseArgs } from 'node:util';

import { composeInWorker, describeProblems, loadSubgraphs, readSupergraphConfig } from '@tributary/planning';
import { loadSchemaFiles } from '@tributary/schema-files';

import { exitCodes } from '../exit-codes.ts';
import { UsageError } from '../usage-error.ts';

/**
 * `tributary compose --config supergraph.yaml` prints the supergraph, or why there is none;
 * `tributary compose --schema FOLDER` prints the joined files of one subgraph, for tools that take one file.
 */
export async function run(args: string[]): Promise<number> {
  const { values } = parseArgs({
    args,
    options: { config: { type: 'string' }, schema: { type: 'string' }, output: { type: 'string' } },
  });
  const { config, schema, output } = values;
  if ((config === undefined) === (schema === undefined))
    throw new UsageError(`Expected one of --config and --schema, but got ${config ? 'both' : 'neither'}`);
  const text = config === undefined ? await joinFiles(schema ?? '') : await compose(config);
  if (text === undefined) return exitCodes.failed;
  await print(text, output);
  return exitCodes.done;
}

const joinFiles = async (folder: string): Promise<string> => (await loadSchemaFiles(folder)).sdl;

async function compose(file: string): Promise<string | undefined> {
  const subgraphs = await loadSubgraphs(await readSupergraphConfig(file));
  const result = await composeInWorker(subgraphs);
  if (result.errors) {
    process.stderr.write(`${describeProblems(result.errors)}\n`);
    return undefined;
  }
  const warnings = result.hints.filter(({ level }) => level === 'WARN');
  for (const { code, message } of warnings) process.stderr.write(`Note ${code}: ${message}\n`);
  return `${result.supergraphSdl.trimEnd()}\n`;
}

/** A file that says the same already is left alone, so that nobody who watches it wakes up. */
async function print(text: string, output: string | undefined): Promise<void> {
  if (output === undefined) {
    process.stdout.write(text);
    return;
  }
  const present = await readFile(output, 'utf8').catch(() => undefined);
  if (present !== text) await writeFile(output, text);
}
