import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';

import { parseDocument } from 'yaml';

import { composerVersion } from './composer-version.ts';

/** Where the schema of a subgraph comes from. */
export type SchemaSource =
  | { readonly kind: 'file'; /** Absolute. */ readonly file: string }
  | { readonly kind: 'sdl'; readonly sdl: string }
  | { readonly kind: 'url'; readonly url: string; readonly headers: Readonly<Record<string, string>> };

/** One subgraph of a supergraph file. */
export interface SubgraphSource {
  readonly name: string;
  readonly routingUrl: string;
  readonly schema: SchemaSource;
}

/** What a supergraph file says, checked. */
export interface SupergraphConfig {
  /** Absolute. */
  readonly file: string;
  readonly subgraphs: readonly SubgraphSource[];
}

/** A supergraph file that cannot be used; `problems` lists all that is wrong with it, or with what it names. */
export class SupergraphConfigError extends Error {
  override readonly name = 'SupergraphConfigError';
  readonly problems: readonly string[];

  constructor(file: string, problems: readonly string[], options?: ErrorOptions) {
    super(`${file} cannot be used: ${problems.join('; ')}`, options);
    this.problems = problems;
  }
}

/** How {@link readSupergraphConfig} reads. */
export interface ReadSupergraphConfigOptions {
  /** For `${env.NAME}`; null leaves them as they stand, for a file that rover has expanded. @default process.env */
  readonly env?: NodeJS.ProcessEnv | null;
}

/** What stands for a variable in the file, as rover writes it: `${env.NAME}`. */
const variable = /\$\{env\.([A-Za-z_]\w*)\}/g;

/**
 * Reads a supergraph.yaml in rover's format: `subgraphs` with a `routing_url` and a `schema` each, the latter by
 * `file` (relative to the YAML), `subgraph_url` or `sdl`. `${env.NAME}` stands for a variable of the environment.
 *
 * @example
 * await readSupergraphConfig('supergraph.yaml')
 * // { file: '/app/supergraph.yaml', subgraphs: [{ name: 'users', routingUrl: 'http://…', schema: { kind: 'file', … } }] }
 * @throws {SupergraphConfigError} with every problem: what was expected and what came
 */
export async function readSupergraphConfig(
  file: string,
  { env = process.env }: ReadSupergraphConfigOptions = {},
): Promise<SupergraphConfig> {
  const path = resolve(file);
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new SupergraphConfigError(path, [`expected a readable file, but got ${error.code}`], {
      cause: error,
    });
  });
  const document = parseDocument(text, { prettyErrors: true });
  if (document.errors.length > 0) {
    const problems = document.errors.map(({ message }) => `expected YAML, but got: ${firstLine(message)}`);
    throw new SupergraphConfigError(path, problems);
  }
  const reader = new ConfigReader(path, env);
  const subgraphs = reader.read(document.toJS());
  if (reader.problems.length > 0) throw new SupergraphConfigError(path, reader.problems);
  return { file: path, subgraphs };
}

const firstLine = (message: string) => message.split('\n')[0]?.replace(/:$/, '') ?? message;

/** Turns what YAML holds into types, and collects what does not fit. */
class ConfigReader {
  readonly problems: string[] = [];
  readonly #file: string;
  readonly #env: NodeJS.ProcessEnv | null;

  constructor(file: string, env: NodeJS.ProcessEnv | null) {
    this.#file = file;
    this.#env = env;
  }

  read(root: unknown): SubgraphSource[] {
    const { federation_version: version, subgraphs } = this.#mapping('the file', root);
    if (this.problems.length > 0) return [];
    this.#checkVersion(version);
    const entries = Object.entries(this.#mapping('subgraphs', subgraphs));
    if (this.problems.length === 0 && entries.length === 0)
      this.#refuse('subgraphs', 'at least one subgraph', {});
    return entries.flatMap(([name, value]) => this.#subgraph(name, value));
  }

  /** Rover takes any version and downloads that composer; there is one here, so another wish must not pass unheard. */
  #checkVersion(version: unknown): void {
    const accepted = [undefined, 2, '2', composerVersion, `=${composerVersion}`];
    if (!accepted.includes(version as string | number | undefined))
      this.#refuse('federation_version', `"=${composerVersion}" (the composer installed here) or 2`, version);
  }

  #subgraph(name: string, value: unknown): SubgraphSource[] {
    const at = `subgraphs.${name}`;
    const { routing_url: routingUrl, schema } = this.#mapping(at, value, ['schema']);
    const source = this.#schema(`${at}.schema`, schema);
    if (!source) return [];
    const url = routingUrl ?? (source.kind === 'url' ? source.url : undefined);
    return [{ name, routingUrl: this.#url(`${at}.routing_url`, url), schema: source }];
  }

  #schema(at: string, value: unknown): SchemaSource | undefined {
    if (value === undefined) return undefined;
    const schema = this.#mapping(at, value);
    const given = ['file', 'subgraph_url', 'sdl'].filter((key) => schema[key] !== undefined);
    if (isMapping(value) && given.length !== 1) {
      const keys = Object.keys(schema).join(', ') || 'none of them';
      this.problems.push(`${at} must have one of file, subgraph_url or sdl, but got ${keys}`);
    }
    if (given[0] === 'file')
      return { kind: 'file', file: resolve(dirname(this.#file), this.#text(`${at}.file`, schema['file'])) };
    if (given[0] === 'sdl') return { kind: 'sdl', sdl: this.#text(`${at}.sdl`, schema['sdl']) };
    if (given[0] !== 'subgraph_url') return undefined;
    const url = this.#url(`${at}.subgraph_url`, schema['subgraph_url']);
    const headers = this.#headers(`${at}.introspection_headers`, schema['introspection_headers']);
    return { kind: 'url', url, headers };
  }

  #headers(at: string, value: unknown): Record<string, string> {
    if (value === undefined) return {};
    const headers = Object.entries(this.#mapping(at, value));
    return Object.fromEntries(headers.map(([name, text]) => [name, this.#text(`${at}.${name}`, text)]));
  }

  #url(at: string, value: unknown): string {
    const text = this.#text(at, value, 'a URL');
    if (text !== '' && !URL.canParse(text)) this.#refuse(at, 'a URL', text);
    return text;
  }

  #text(at: string, value: unknown, expected = 'text'): string {
    if (typeof value === 'string' && value !== '') return this.#expand(at, value);
    this.#refuse(at, expected, value);
    return '';
  }

  /** Empty when a variable is missing: that is the one problem to report of this value. */
  #expand(at: string, text: string): string {
    const env = this.#env;
    if (env === null) return text;
    const names = [...text.matchAll(variable)].map(([, name = '']) => name);
    const missing = names.filter((name) => env[name] === undefined);
    for (const name of missing) this.problems.push(`${at} names the variable ${name}, which is not set`);
    return missing.length > 0 ? '' : text.replaceAll(variable, (_, name: string) => env[name] ?? '');
  }

  #mapping(at: string, value: unknown, required: readonly string[] = []): Record<string, unknown> {
    if (!isMapping(value)) {
      this.#refuse(at, 'a mapping', value);
      return {};
    }
    for (const key of required.filter((key) => value[key] === undefined))
      this.problems.push(`${at}.${key} is missing`);
    return value;
  }

  #refuse(at: string, expected: string, value: unknown): void {
    const came = value === undefined ? 'is missing' : `must be ${expected}, but got ${JSON.stringify(value)}`;
    this.problems.push(`${at} ${came}`);
  }
}

const isMapping = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
