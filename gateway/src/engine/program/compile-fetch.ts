import type { FetchNode } from '@apollo/query-planner';
import { isObjectType, type DocumentNode, type GraphQLSchema } from 'graphql';

import type { SubgraphAddress } from '../../subgraph-client/subgraph-client.ts';
import type { EntitySelection } from './asked-entities.ts';
import { compileMerge, type IsObjectType } from './data-tree.ts';
import { readEventOperation } from './event-operation.ts';
import type { EntityFetch } from './fetch-entities.ts';
import { compileTakeEvent, type TakeEvent } from './fetch-event.ts';
import { readFetchOperation, type FetchOperation } from './fetch-operation.ts';
import type { RootFetch } from './fetch-root.ts';
import { compileOutputRewrites } from './output-rewrites.ts';
import { compileReadContexts } from './read-contexts.ts';
import { compileRepresentation, type RepresentationReader } from './representation.ts';
import { typeNamed } from './type-conditions.ts';
import { compileWalk, type Walk } from './walk-path.ts';

export interface CompileOptions {
  /** The whole supergraph: plans mention what clients do not see. */
  readonly schema: GraphQLSchema;
  readonly subgraphs: readonly SubgraphAddress[];
  /** Tells whether the subgraph must know who asks. */
  readonly carriesIdentity: (subgraph: string, operation: DocumentNode) => boolean;
  readonly operationType: 'query' | 'mutation' | 'subscription';
}

type Path = readonly (string | number)[];

/** Compiles the fetches of one plan. Those that ask the same, or require the same, share what can be shared. */
export class FetchCompiler {
  /** Whether one of the fetches so far tells its subgraph who asks. */
  carriesIdentity = false;
  readonly #options: CompileOptions;
  readonly #selections = new Map<string, EntitySelection>();
  readonly #readers = new Map<string, RepresentationReader>();
  readonly #walks = new Map<string, Walk>();

  constructor(options: CompileOptions) {
    this.#options = options;
  }

  /** Compiles a fetch that begins at the root of its subgraph. */
  rootFetch(node: FetchNode, path: Path): RootFetch {
    const { schema } = this.#options;
    const operation = readFetchOperation(node, schema);
    return {
      ...this.#destination(node, operation),
      operation,
      merge: compileMerge(keysOf(node, operation), this.#isObjectType),
      walk: compileWalk(path),
      rewrite: compileOutputRewrites(node.outputRewrites, schema),
    };
  }

  /** Compiles a fetch of entities that others have found. */
  entityFetch(node: FetchNode, path: Path): EntityFetch {
    const { schema } = this.#options;
    const operation = readFetchOperation(node, schema);
    return {
      ...this.#destination(node, operation),
      selection: this.#selectionOf(node, operation),
      walk: this.#walkOf(path),
      reader: this.#readerOf(node),
      readContexts: compileReadContexts(path, node.contextRewrites, schema),
    };
  }

  /** Compiles what a subscription's event is asked, from the fetch that would subscribe. */
  takeEvent(node: FetchNode): TakeEvent | undefined {
    const { schema } = this.#options;
    const source = readEventOperation(node, schema);
    if (!source) return undefined;
    const operation = readFetchOperation(source.node, schema);
    const fetch = {
      ...this.#destination(node, operation),
      source,
      operation,
      merge: compileMerge(keysOf(node, operation), this.#isObjectType),
      rewrite: compileOutputRewrites(node.outputRewrites, schema),
    };
    return compileTakeEvent(fetch, schema);
  }

  #walkOf(path: Path): Walk {
    const key = JSON.stringify(path);
    const known = this.#walks.get(key);
    if (known) return known;
    const walk = compileWalk(path);
    this.#walks.set(key, walk);
    return walk;
  }

  #readerOf({ requires = [], inputRewrites = [] }: FetchNode): RepresentationReader {
    const key = JSON.stringify([requires, inputRewrites]);
    const known = this.#readers.get(key);
    if (known) return known;
    const reader = compileRepresentation(requires, inputRewrites, this.#options.schema);
    this.#readers.set(key, reader);
    return reader;
  }

  #destination(node: FetchNode, { document }: FetchOperation) {
    const { subgraphs, carriesIdentity, operationType } = this.#options;
    const subgraph = subgraphs.find(({ name }) => name === node.serviceName);
    if (!subgraph) throw new TypeError(`Expected a subgraph "${node.serviceName}", but there is none`);
    const isPersonal = operationType === 'mutation' || carriesIdentity(subgraph.name, document);
    this.carriesIdentity ||= isPersonal;
    return { subgraph, carriesIdentity: isPersonal };
  }

  /** The same object for fetches that ask the same, so that what one has brought serves the others. */
  #selectionOf(node: FetchNode, operation: FetchOperation): EntitySelection {
    const fromContext = new Set(node.contextRewrites?.map(({ renameKeyTo }) => renameKeyTo));
    const key = JSON.stringify([
      node.serviceName,
      operation.selectionText,
      operation.directivesText,
      node.outputRewrites,
      [...fromContext],
    ]);
    const known = this.#selections.get(key);
    if (known) return known;
    const selection: EntitySelection = {
      id: this.#selections.size,
      operation,
      merge: compileMerge(keysOf(node, operation), this.#isObjectType),
      fromContext,
      rewrite: compileOutputRewrites(node.outputRewrites, this.#options.schema),
    };
    this.#selections.set(key, selection);
    return selection;
  }

  readonly #isObjectType: IsObjectType = (typename) =>
    isObjectType(typeNamed(typename, this.#options.schema));
}

/** What an answer brings: the keys that were asked for, and those that rewriting makes of them. */
const keysOf = ({ outputRewrites = [] }: FetchNode, { keys }: FetchOperation): readonly string[] => [
  ...new Set([
    ...keys,
    ...outputRewrites.flatMap((rewrite) => (rewrite.kind === 'KeyRenamer' ? [rewrite.renameKeyTo] : [])),
  ]),
];
