import type { DeferNode, FetchNode, PlanNode, QueryPlan, SubscriptionNode } from '@apollo/query-planner';
import { isObjectType, type DocumentNode, type GraphQLSchema } from 'graphql';

import type { SubgraphAddress } from '../../subgraph-client/subgraph-client.ts';
import { compileMerge, type IsObjectType } from './data-tree.ts';
import type { Step } from './execution.ts';
import type { EntitySelection } from './asked-entities.ts';
import { compileEntityFetches, type EntityFetch } from './fetch-entities.ts';
import { readFetchOperation, type FetchOperation } from './fetch-operation.ts';
import { compileRootFetch, type RootFetch } from './fetch-root.ts';
import { compileOutputRewrites } from './output-rewrites.ts';
import { compileReadContexts } from './read-contexts.ts';
import { compileRepresentation, type RepresentationReader } from './representation.ts';
import { parallelOf, sequenceOf, type Task } from './schedule.ts';
import { typeNamed } from './type-conditions.ts';
import { compileWalk } from './walk-path.ts';

/** What the plan of one operation became. Nothing of the plan is left in it. */
export interface Program {
  /** Fills the tree of an execution; `undefined` where there is nothing to fetch. */
  readonly run: Step | undefined;
  /** The variables that the plan decides by. */
  readonly conditions: readonly string[];
  /** What a subscription listens to; its events go through {@link run}. */
  readonly source: RootFetch | undefined;
}

export interface CompileOptions {
  /** The whole supergraph: plans mention what clients do not see. */
  readonly schema: GraphQLSchema;
  readonly subgraphs: readonly SubgraphAddress[];
  /** Tells whether the subgraph must know who asks. */
  readonly carriesIdentity: (subgraph: string, operation: DocumentNode) => boolean;
  readonly operationType: 'query' | 'mutation' | 'subscription';
}

/**
 * Compiles a query plan.
 *
 * @throws {TypeError} for a plan that is not one
 */
export function compileProgram(plan: QueryPlan, options: CompileOptions): Program {
  const compiler = new PlanCompiler(plan, options);
  const { node } = plan;
  if (node?.kind === 'Subscription') return compiler.compileSubscription(node);
  return { run: node && compiler.compile(node, []), conditions: compiler.conditions(), source: undefined };
}

type Path = readonly (string | number)[];

class PlanCompiler {
  readonly #options: CompileOptions;
  readonly #isMutation: boolean;
  readonly #usesContext: boolean;
  readonly #selections = new Map<string, EntitySelection>();
  readonly #readers = new Map<string, RepresentationReader>();
  readonly #conditions = new Set<string>();

  constructor(plan: QueryPlan, options: CompileOptions) {
    this.#options = options;
    this.#isMutation = options.operationType === 'mutation';
    this.#usesContext = plan.node !== undefined && usesContext(plan.node);
  }

  conditions(): readonly string[] {
    return [...this.#conditions];
  }

  compileSubscription({ primary, rest }: SubscriptionNode): Program {
    const run = rest && this.compile(rest, []);
    return { run, conditions: this.conditions(), source: this.#rootFetch(primary, []) };
  }

  compile(node: PlanNode, path: Path): Step {
    return this.#toStep(this.#toTask(node, path));
  }

  #toTask(node: PlanNode, path: Path): Task {
    if (isAwaited(node)) return { kind: 'step', step: this.#compileAwaited(node, path) };
    switch (node.kind) {
      case 'Sequence':
        return sequenceOf(node.nodes.map((each) => this.#toTask(each, path)));
      case 'Parallel': {
        const tasks = node.nodes.map((each) => this.#toTask(each, path));
        // A mutation may have changed what it reads afterwards: its fetches stay as they were planned.
        return this.#isMutation ? { kind: 'parallel', tasks } : parallelOf(tasks);
      }
      case 'Flatten':
        return this.#toTask(node.node, [...path, ...node.path]);
      case 'Condition':
        return { kind: 'step', step: this.#compileCondition(node, path) };
      case 'Fetch':
        if (node.requires) return { kind: 'entities', fetches: [this.#entityFetch(node, path)] };
        return { kind: 'step', step: compileRootFetch(this.#rootFetch(node, path)) };
      case 'Defer':
      default:
        return { kind: 'step', step: this.#compileDefer(node, path) };
    }
  }

  #toStep(task: Task): Step {
    if (task.kind === 'step') return task.step;
    if (task.kind === 'entities') return this.#compileEntityFetches(task.fetches);
    const steps = task.tasks.map((each) => this.#toStep(each));
    return task.kind === 'sequence' ? inSequence(steps) : inParallel(steps);
  }

  #compileCondition(
    { condition, ifClause, elseClause }: Extract<PlanNode, { kind: 'Condition' }>,
    path: Path,
  ): Step {
    this.#conditions.add(condition);
    const whenTrue = ifClause && this.compile(ifClause, path);
    const whenFalse = elseClause && this.compile(elseClause, path);
    return (execution) => (execution.conditions[condition] === true ? whenTrue : whenFalse)?.(execution);
  }

  /** A fetch that something deferred waits for is not joined with others: it would wait for all of them. */
  #compileAwaited(node: AwaitedFetch, path: Path): Step {
    const { id, ...fetch } = node;
    const step = this.compile(fetch, path);
    return async (execution) => {
      await step(execution);
      execution.deferrals.finishFetch(id);
    };
  }

  #compileDefer({ primary, deferred }: DeferNode, path: Path): Step {
    const first = primary.node && this.compile(primary.node, path);
    const parts = deferred.flatMap(({ label, depends, node }) =>
      label === undefined || !node
        ? []
        : [{ label, fetchIds: depends.map(({ id }) => id), step: this.compile(node, path) }],
    );
    return (execution) => {
      const running = Promise.resolve(first?.(execution));
      const allEnded = Promise.all([running, execution.ended]);
      // Whoever runs this hears of it by `running`.
      allEnded.catch(() => undefined);
      for (const { label, fetchIds, step } of parts) {
        execution.deferrals.start(label, fetchIds, {
          allEnded,
          run: async () => {
            const part = execution.fork(allEnded);
            await step(part);
            return part;
          },
        });
      }
      return running;
    };
  }

  #compileEntityFetches(fetches: readonly EntityFetch[]): Step {
    return compileEntityFetches(fetches, {
      reusesEntities: !this.#isMutation,
      copiesEntities: this.#usesContext,
    });
  }

  #rootFetch(node: FetchNode, path: Path): RootFetch {
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

  #entityFetch(node: FetchNode, path: Path): EntityFetch {
    const { schema } = this.#options;
    const operation = readFetchOperation(node, schema);
    return {
      ...this.#destination(node, operation),
      selection: this.#selectionOf(node, operation),
      walk: compileWalk(path),
      reader: this.#readerOf(node),
      readContexts: compileReadContexts(path, node.contextRewrites, schema),
    };
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
    const { subgraphs, carriesIdentity } = this.#options;
    const subgraph = subgraphs.find(({ name }) => name === node.serviceName);
    if (!subgraph) throw new TypeError(`Expected a subgraph "${node.serviceName}", but there is none`);
    return {
      subgraph,
      carriesIdentity: this.#isMutation || carriesIdentity(subgraph.name, document),
    };
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

type AwaitedFetch = FetchNode & { readonly id: string };

const isAwaited = (node: PlanNode): node is AwaitedFetch => node.kind === 'Fetch' && node.id !== undefined;

function inSequence(steps: readonly Step[]): Step {
  const [only] = steps;
  if (only && steps.length === 1) return only;
  return async (execution) => {
    for (const step of steps) await step(execution);
  };
}

function inParallel(steps: readonly Step[]): Step {
  const [only] = steps;
  if (only && steps.length === 1) return only;
  return async (execution) => {
    const running: Promise<void>[] = [];
    for (const step of steps) {
      const promise = step(execution);
      if (promise) running.push(promise);
    }
    await Promise.all(running);
  };
}

function usesContext(node: PlanNode | SubscriptionNode): boolean {
  return JSON.stringify(node).includes('"contextRewrites":[{');
}
