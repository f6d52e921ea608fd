import type { DeferNode, FetchNode, PlanNode, QueryPlan, SubscriptionNode } from '@apollo/query-planner';

import { FetchCompiler, type CompileOptions } from './compile-fetch.ts';
import type { Step } from './execution.ts';
import { compileEntityFetches } from './fetch-entities.ts';
import type { TakeEvent } from './fetch-event.ts';
import { compileRootFetch, type RootFetch } from './fetch-root.ts';
import { markMeetings, parallelOf, sequenceOf, type EntitiesTask, type Task } from './schedule.ts';

/** What the plan of one operation became. Nothing of the plan is left in it. */
export interface Program {
  /** Fills the tree of an execution; `undefined` where there is nothing to fetch. */
  readonly run: Step | undefined;
  /** Present for a subscription: how its events come into the tree, for {@link run} to go on from. */
  readonly source: ProgramSource | undefined;
}

/** The first step of an answer to an event. */
export interface ProgramSource {
  /** Subscribes at a subgraph that publishes results by itself. */
  readonly fetch: RootFetch;
  /** Takes an event that names an entity; `undefined` where the field returns no objects. */
  readonly takeEvent: TakeEvent | undefined;
  /** Whether anything of the program tells a subgraph who asks: then its answers are not for everybody. */
  readonly carriesIdentity: boolean;
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
  return { run: node && compiler.compile(node, []), source: undefined };
}

type Path = readonly (string | number)[];

class PlanCompiler {
  readonly #isMutation: boolean;
  readonly #usesContext: boolean;
  readonly #fetches: FetchCompiler;

  constructor(plan: QueryPlan, options: CompileOptions) {
    this.#fetches = new FetchCompiler(options);
    this.#isMutation = options.operationType === 'mutation';
    this.#usesContext = plan.node !== undefined && usesContext(plan.node);
  }

  compileSubscription({ primary, rest }: SubscriptionNode): Program {
    const run = rest && this.compile(rest, []);
    const fetch = this.#fetches.rootFetch(primary, []);
    const takeEvent = this.#fetches.takeEvent(primary);
    return { run, source: { fetch, takeEvent, carriesIdentity: this.#fetches.carriesIdentity } };
  }

  compile(node: PlanNode, path: Path): Step {
    const task = this.#toTask(node, path);
    // A mutation may have changed what it reads afterwards: its fetches stay as they were planned.
    return this.#toStep(this.#isMutation ? task : markMeetings(task));
  }

  #toTask(node: PlanNode, path: Path): Task {
    if (isAwaited(node)) return { kind: 'step', step: this.#compileAwaited(node, path) };
    switch (node.kind) {
      case 'Sequence':
        return sequenceOf(node.nodes.map((each) => this.#toTask(each, path)));
      case 'Parallel': {
        const tasks = node.nodes.map((each) => this.#toTask(each, path));
        return this.#isMutation ? { kind: 'parallel', tasks } : parallelOf(tasks);
      }
      case 'Flatten':
        return this.#toTask(node.node, [...path, ...node.path]);
      case 'Condition':
        return { kind: 'step', step: this.#compileCondition(node, path) };
      case 'Fetch':
        if (node.requires) return { kind: 'entities', fetches: [this.#fetches.entityFetch(node, path)] };
        return { kind: 'step', step: compileRootFetch(this.#fetches.rootFetch(node, path)) };
      case 'Defer':
      default:
        return { kind: 'step', step: this.#compileDefer(node, path) };
    }
  }

  #toStep(task: Task): Step {
    if (task.kind === 'step') return task.step;
    if (task.kind === 'entities') return this.#compileEntityFetches(task);
    const steps = task.tasks.map((each) => this.#toStep(each));
    return task.kind === 'sequence' ? inSequence(steps) : inParallel(steps);
  }

  #compileCondition(
    { condition, ifClause, elseClause }: Extract<PlanNode, { kind: 'Condition' }>,
    path: Path,
  ): Step {
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

  #compileEntityFetches({ fetches, meeting }: EntitiesTask): Step {
    return compileEntityFetches(fetches, {
      meeting,
      reusesEntities: !this.#isMutation,
      copiesEntities: this.#usesContext,
    });
  }
}

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
