import { CodedError, toError } from '@tributary/errors';
import { GraphQLError, type GraphQLFormattedError } from 'graphql';

import { relayError } from '../../errors/relay-error.ts';
import type {
  FetchContext,
  SubgraphAddress,
  SubgraphAnswer,
  SubgraphRequest,
} from '../../subgraph-client/subgraph-client.ts';
import { Failures } from '../answer/failures.ts';
import type { SubgraphFetcher } from '../engine.ts';
import { AskedEntities } from './asked-entities.ts';
import type { DataObject } from './data-tree.ts';

export interface ExecutionOptions {
  readonly client: SubgraphFetcher;
  readonly fetchContext: FetchContext;
  /** As the client sent them; they were checked before. */
  readonly variables: Readonly<Record<string, unknown>>;
  /** What the plan decides by: the variables of `@skip`, `@include` and `@defer`, with their defaults. */
  readonly conditions: Readonly<Record<string, unknown>>;
}

/** One step of a program; a step that has nothing to wait for gives no promise. */
export type Step = (execution: Execution) => Promise<void> | undefined;

/** One run of a program: the tree that its fetches fill and what went wrong on the way. */
export class Execution {
  readonly data: DataObject = {};
  readonly failures = new Failures();
  /** Errors that belong to no place of the tree. */
  readonly unplaced: GraphQLError[] = [];
  /** So that no entity is asked for the same twice. */
  readonly askedEntities = new AskedEntities();
  readonly fetchContext: FetchContext;
  readonly conditions: Readonly<Record<string, unknown>>;
  readonly #client: SubgraphFetcher;
  readonly #variables: Readonly<Record<string, unknown>>;
  readonly #variableTexts = new Map<string, string | undefined>();

  constructor({ client, fetchContext, variables, conditions }: ExecutionOptions) {
    this.#client = client;
    this.fetchContext = fetchContext;
    this.#variables = variables;
    this.conditions = conditions;
  }

  fetch(subgraph: SubgraphAddress, request: SubgraphRequest): Promise<SubgraphAnswer> {
    return this.#client.fetch(subgraph, request, this.fetchContext);
  }

  /** `"name":value`, or `undefined` for a variable that the client left out. */
  variableText(name: string): string | undefined {
    if (this.#variableTexts.has(name)) return this.#variableTexts.get(name);
    const value = Object.hasOwn(this.#variables, name) ? this.#variables[name] : undefined;
    const text = value === undefined ? undefined : `${JSON.stringify(name)}:${JSON.stringify(value)}`;
    this.#variableTexts.set(name, text);
    return text;
  }

  /**
   * The error that stands for a fetch that failed.
   *
   * @throws what ended the whole request, and what is a mistake of ours
   */
  toFailure(error: unknown, subgraph: string): GraphQLError {
    const cause = toError(error);
    if (this.fetchContext.signal.aborted) throw toError(this.fetchContext.signal.reason);
    if (!(cause instanceof CodedError)) throw cause;
    return new GraphQLError(cause.message, {
      originalError: cause,
      extensions: { ...cause.extensions, serviceName: subgraph },
    });
  }

  /**
   * Notes an error at the place of the tree that a subgraph named, as far as there is such a place: the rest of the
   * path is kept for the client.
   */
  place(error: GraphQLError, from: DataObject, path: readonly (string | number)[]): void {
    let parent: object = from;
    for (const [depth, key] of path.entries()) {
      const value: unknown = (parent as Record<string | number, unknown>)[key];
      if (depth === path.length - 1 || typeof value !== 'object' || value === null) {
        this.failures.add(parent, key, error, path.slice(depth + 1));
        return;
      }
      parent = value;
    }
    this.unplaced.push(error);
  }
}

// A subgraph may send as many as it likes; nobody is shown more than a hundred.
const maxErrors = 1000;

/** An error of a subgraph, fit to go on, and the path that the subgraph gave it. */
export interface SubgraphFailure {
  readonly error: GraphQLError;
  readonly path: readonly (string | number)[];
}

/** Reads the errors of an answer; a path of anything but names and indexes is taken for none. */
export const readFailures = ({ errors = [] }: SubgraphAnswer, subgraph: string): readonly SubgraphFailure[] =>
  errors.slice(0, maxErrors).map(({ path, ...error }) => ({
    error: relayError(error as GraphQLFormattedError, subgraph),
    path: isPath(path) ? path : [],
  }));

const isPath = (path: unknown): path is readonly (string | number)[] =>
  Array.isArray(path) && path.every((key) => typeof key === 'string' || typeof key === 'number');
