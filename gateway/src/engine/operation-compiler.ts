import { createHash } from 'node:crypto';

import { PlanningError, type Planner, type QueryPlan } from '@tributary/planning/planner';
import type { DocumentNode, GraphQLSchema } from 'graphql';
import { LRUCache } from 'lru-cache';

import { OperationTooComplex, ServiceUnavailable } from '../errors/gateway-errors.ts';
import type { Operation } from '../operations/prepare-document.ts';
import type { SubgraphAddress } from '../subgraph-client/subgraph-client.ts';
import { compileAnswer } from './answer/compile-answer.ts';
import { normalizeOperation, type NormalizedOperation } from './answer/normalize-operation.ts';
import { refuseDeepAnswer } from './answer/refuse-deep-answer.ts';
import { CompiledOperation } from './compiled-operation.ts';
import { bytesOfProgram, bytesOfWriter } from './compiled-size.ts';
import type { ExecutableOperation, PlanRequest, SubgraphFetcher } from './engine.ts';
import { freeVariableNames, type FreedOperation } from './free-variable-names.ts';
import { compileProgram, type Program } from './program/compile-program.ts';
import { WaitingClients } from './waiting-clients.ts';

export interface OperationCompilerOptions {
  /** What clients see. */
  readonly schema: GraphQLSchema;
  /** The whole supergraph. */
  readonly supergraphSchema: GraphQLSchema;
  readonly subgraphs: readonly SubgraphAddress[];
  readonly carriesIdentity: (subgraph: string, operation: DocumentNode) => boolean;
  readonly planner: Planner;
  readonly subgraphClient: SubgraphFetcher;
  /** Keeps the plans of programs, for developers. */
  readonly keepsPlans: boolean;
  /** Roughly what programs may take that are kept to be shared. @default 64 MiB */
  readonly programBytes?: number | undefined;
}

/** A program, and its plan where somebody may ask to see it. */
export interface PlannedProgram {
  readonly program: Program;
  readonly plan: QueryPlan | undefined;
  /** Roughly what they take of memory. */
  readonly bytes: number;
}

// Callers of one operation may differ in what is refused to them and in labels; the last ones stay. Each is weighed.
const maxCallers = 32;

const defaultProgramBytes = 64 * 2 ** 20;

// An operation that could not be planned will not be planned a moment later either, and trying takes seconds.
const failureTtlMs = 30_000;

/**
 * Makes operations ready to run. The variants of an operation live as long as the operation; programs are shared by all
 * operations that ask the same under other names.
 */
export class OperationCompiler {
  readonly #options: OperationCompilerOptions;
  readonly #variants = new WeakMap<Operation, LRUCache<string, Ready>>();
  readonly #programs: LRUCache<string, Promise<PlannedProgram>>;
  /** Who waits for what is not ready yet. */
  readonly #waiting = new WeakMap<Promise<unknown>, WaitingClients>();
  readonly #failures = new LRUCache<string, Error>({ max: 1000, ttl: failureTtlMs });

  constructor(options: OperationCompilerOptions) {
    this.#options = options;
    this.#programs = new LRUCache({ maxSize: options.programBytes ?? defaultProgramBytes });
  }

  /**
   * Gives the operation at once when it is ready.
   *
   * @throws {OperationTooComplex}
   * @throws {ServiceUnavailable} when too many others are planned
   */
  plan(request: PlanRequest): Ready {
    const { operation, refusals, overrideLabels = [], defers = false, client = nobody } = request;
    const key = `${defers}\n${overrideLabels.join()}\n${refusals?.key ?? ''}`;
    const variants = this.#variantsOf(operation);
    const known = variants.get(key);
    if (known) {
      if (known instanceof Promise) this.#waiting.get(known)?.add(client());
      return known;
    }
    const clients = new WaitingClients();
    clients.add(client());
    const ready = this.#compile(request, clients);
    this.#waiting.set(ready, clients);
    variants.set(key, ready);
    // Ready ones are given without a promise; those that failed are tried again.
    ready.then(
      (compiled) => variants.set(key, compiled),
      () => variants.delete(key),
    );
    return ready;
  }

  /** Roughly what the variants of an operation take of memory, their programs included: they may be theirs alone. */
  bytesOf(operation: Operation): number {
    let bytes = 0;
    for (const ready of this.#variants.get(operation)?.values() ?? []) {
      if (ready instanceof CompiledOperation) bytes += ready.bytes;
    }
    return bytes;
  }

  #variantsOf(operation: Operation): LRUCache<string, Ready> {
    const known = this.#variants.get(operation);
    if (known) return known;
    const variants = new LRUCache<string, Ready>({ max: maxCallers });
    this.#variants.set(operation, variants);
    return variants;
  }

  async #compile(
    { operation, refusals, overrideLabels = [], defers = false }: PlanRequest,
    clients: WaitingClients,
  ) {
    const { schema } = this.#options;
    const { document, rename } = freeVariableNames(operation.document);
    const compileAs = async (keepsDefer: boolean): Promise<ExecutableOperation> => {
      const normalized = normalizeOperation({ schema, document, refusals, keepsDefer });
      const { mayDefer, selections } = normalized.operation;
      refuseDeepAnswer(selections);
      const running = this.#programOf(normalized, { operation, overrideLabels, clients });
      // There are operations that the planner fails to split; in one piece, they are as good as any other.
      const planned = mayDefer ? await running.catch(orNothingIfUnplannable) : await running;
      return planned ? this.#toExecutable(planned, normalized, rename) : compileAs(false);
    };
    return compileAs(defers);
  }

  #toExecutable(
    planned: PlannedProgram,
    normalized: NormalizedOperation,
    rename: FreedOperation['rename'],
  ): ExecutableOperation {
    return new CompiledOperation({
      ...planned,
      writer: compileAnswer(normalized),
      bytes: planned.bytes + bytesOfWriter(normalized),
      subgraphClient: this.#options.subgraphClient,
      mayDefer: normalized.operation.mayDefer,
      rename,
    });
  }

  #programOf({ text, isEmpty }: NormalizedOperation, asked: ProgramRequest): Promise<PlannedProgram> {
    const { overrideLabels, clients } = asked;
    if (isEmpty) return Promise.resolve(nothing);
    const key = createHash('sha256').update(`${overrideLabels.join()}\n${text}`).digest('base64');
    const failure = this.#failures.get(key);
    if (failure) return Promise.reject(failure);
    const known = this.#programs.get(key);
    if (known) {
      const others = this.#waiting.get(known);
      if (others) clients.join(others);
      return known;
    }
    const program = this.#planProgram(text, asked);
    this.#waiting.set(program, clients);
    this.#programs.set(key, program, { size: 1 });
    program.then(
      (planned) => this.#programs.set(key, Promise.resolve(planned), { size: planned.bytes }),
      (error: unknown) => {
        this.#programs.delete(key);
        if (error instanceof OperationTooComplex) this.#failures.set(key, error);
      },
    );
    return program;
  }

  async #planProgram(
    document: string,
    { operation, overrideLabels, clients }: ProgramRequest,
  ): Promise<PlannedProgram> {
    const { planner, supergraphSchema, subgraphs, carriesIdentity, keepsPlans } = this.#options;
    const plan = await planner.plan({ document, overrideLabels }, { clients }).catch(explain);
    const program = compileProgram(plan, {
      schema: supergraphSchema,
      subgraphs,
      carriesIdentity,
      operationType: operation.type,
    });
    const bytes = bytesOfProgram(JSON.stringify(plan).length);
    return { program, plan: keepsPlans ? plan : undefined, bytes };
  }
}

type Ready = ExecutableOperation | Promise<ExecutableOperation>;

/** What a program is planned for, besides its text. */
interface ProgramRequest {
  readonly operation: Operation;
  readonly overrideLabels: readonly string[];
  readonly clients: WaitingClients;
}

const nobody = (): string => '';

const nothing: PlannedProgram = {
  program: { run: undefined, source: undefined },
  plan: undefined,
  bytes: 0,
};

/** @throws whatever says nothing about the operation */
function orNothingIfUnplannable(error: unknown): undefined {
  if (error instanceof PlanningError || error instanceof OperationTooComplex) return undefined;
  throw error;
}

/**
 * Says of an operation that the planner refuses that it is the operation, unless others kept the planner from it.
 *
 * @throws {OperationTooComplex}
 * @throws {ServiceUnavailable}
 */
function explain(error: unknown): never {
  if (!(error instanceof PlanningError) || error.reason === 'failed') throw error;
  if (error.reason === 'busy') {
    throw new ServiceUnavailable('Too many operations are being planned at the moment: try again').with({
      cause: error,
    });
  }
  throw new OperationTooComplex(
    error.reason === 'too-slow'
      ? 'Expected an operation that can be planned in time, but planning it takes too long'
      : 'Expected an operation with fewer or less deeply nested selections, but got more than can be planned',
  ).with({ cause: error });
}
