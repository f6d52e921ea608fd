import { createHash } from 'node:crypto';

import { toError } from '@tributary/errors';
import {
  Kind,
  parse,
  type ConstDirectiveNode,
  type DocumentNode,
  type EnumTypeDefinitionNode,
} from 'graphql';

import { SupergraphInvalid } from '../errors/gateway-errors.ts';
import type { SubgraphAddress } from '../subgraph-client/subgraph-client.ts';

/** A composed schema, read as far as everybody needs it. */
export interface Supergraph {
  /** The first half of the SHA-256 of the text, in hexadecimal. */
  readonly id: string;
  readonly sdl: string;
  readonly document: DocumentNode;
  readonly subgraphs: readonly SubgraphAddress[];
}

export interface ReadSupergraphOptions {
  /** How messages name it, for example its file. */
  readonly source: string;
  /** Addresses that replace those of the supergraph, by the name of the subgraph. @default none */
  readonly subgraphUrls?: Readonly<Record<string, string>>;
}

/**
 * Reads the text of a supergraph.
 *
 * @throws {SupergraphInvalid} when it is not a supergraph or names a subgraph without a usable URL
 */
export function readSupergraph(
  sdl: string,
  { source, subgraphUrls = {} }: ReadSupergraphOptions,
): Supergraph {
  const document = parseSupergraph(sdl, source);
  const graphs = document.definitions.find(
    (definition): definition is EnumTypeDefinitionNode =>
      definition.kind === Kind.ENUM_TYPE_DEFINITION && definition.name.value === 'join__Graph',
  );
  if (!graphs)
    throw new SupergraphInvalid(source, 'expected a composed schema, but it has no enum join__Graph');
  const subgraphs = (graphs.values ?? []).map(({ directives = [], name }) =>
    readAddress(name.value, directives, { source, subgraphUrls }),
  );
  const id = createHash('sha256').update(sdl).digest('hex').slice(0, 32);
  return { id, sdl, document, subgraphs };
}

function parseSupergraph(sdl: string, source: string): DocumentNode {
  try {
    return parse(sdl, { noLocation: true });
  } catch (error: unknown) {
    const { message } = toError(error);
    throw new SupergraphInvalid(source, message).with({ cause: error });
  }
}

function readAddress(
  graph: string,
  directives: readonly ConstDirectiveNode[],
  { source, subgraphUrls }: Required<ReadSupergraphOptions>,
): SubgraphAddress {
  const args = directives.find(({ name }) => name.value === 'join__graph')?.arguments ?? [];
  const argument = (wanted: string) => {
    const value = args.find(({ name }) => name.value === wanted)?.value;
    return value?.kind === Kind.STRING ? value.value : '';
  };
  const name = argument('name');
  const url = subgraphUrls[name] ?? argument('url');
  if (/^https?:$/.test(URL.parse(url)?.protocol ?? '')) return { name, url };
  throw new SupergraphInvalid(
    source,
    `expected an http or https URL for subgraph "${name || graph}", but got "${url}"`,
  );
}
