import { CodedError, toError } from '@tributary/errors';
import { GraphQLError, type GraphQLFormattedError } from 'graphql';

import { relayError } from '../../errors/relay-error.ts';
import type {
  FetchContext,
  SubgraphAddress,
  SubgraphAnswer,
  SubgraphRequest,
} from '../../subgraph-client/subgraph-client.ts';
import { Failures, type Failure } from '../answer/failures.ts';
import type { SubgraphFetcher } from '../engine.ts';
import { AskedEntities } from './asked-entities.ts';
import type { DataObject } from './data-tree.ts';
import { Deferrals } from './deferrals.ts';
import { Departures } from './departures.ts';
import type { EntityFetch } from './fetch-entities.ts';

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
  readonly data: DataObject;
  readonly failures = new Failures();
  /** Errors that belong to no place of the tree. */
  readonly unplaced: GraphQLError[] = [];
  /** So that no entity is asked for the same twice. */
  readonly askedEntities: AskedEntities;
  readonly deferrals: Deferrals;
  readonly departures = new Departures<EntityFetch>();
  /** Settles when all that it follows has ended; absent when it follows nothing. */
  readonly ended: Promise<unknown> | undefined;
  readonly fetchContext: FetchContext;
  readonly conditions: Readonly<Record<string, unknown>>;
  readonly #options: ExecutionOptions;
  readonly #parent: Execution | undefined;
  readonly #client: SubgraphFetcher;
  readonly #variables: Readonly<Record<string, unknown>>;
  readonly #variableTexts = new Map<string, string | undefined>();

  /** @param part what it is a part of: then both fill one tree, and each keeps what went wrong for itself */
  constructor(
    options: ExecutionOptions,
    part?: { readonly execution: Execution; readonly ended: Promise<unknown> },
  ) {
    const parent = part?.execution;
    this.ended = part?.ended;
    this.data = parent?.data ?? {};
    this.askedEntities = parent?.askedEntities ?? new AskedEntities();
    this.deferrals = parent?.deferrals ?? new Deferrals();
    this.fetchContext = options.fetchContext;
    this.conditions = options.conditions;
    this.#options = options;
    this.#parent = parent;
    this.#client = options.client;
    this.#variables = options.variables;
  }

  /**
   * A part of it that answers later.
   *
   * @param ended when all that the part follows has ended
   */
  fork(ended: Promise<unknown>): Execution {
    return new Execution(this.#options, { execution: this, ended });
  }

  /** The errors without a place, once: several parts of an answer may come of one execution. */
  takeUnplaced(): readonly GraphQLError[] {
    return this.unplaced.splice(0);
  }

  /** Why a value is missing, in this part or in what it follows. */
  failureAt(parent: object, key: string): Failure | undefined {
    return this.failures.at(parent, key)[0] ?? this.#parent?.failureAt(parent, key);
  }

  /** Whether nothing has failed, in this part and in what it follows. */
  get isUnharmed(): boolean {
    return this.failures.isEmpty && (this.#parent?.isUnharmed ?? true);
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
