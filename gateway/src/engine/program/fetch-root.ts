import type { SubgraphAddress, SubgraphAnswer } from '../../subgraph-client/subgraph-client.ts';
import { quote } from '../quote.ts';
import type { DataObject, MergeFields } from './data-tree.ts';
import { readFailures, type Execution, type Step } from './execution.ts';
import type { FetchOperation } from './fetch-operation.ts';
import type { RewriteAnswer } from './output-rewrites.ts';
import { variablesText } from './request-body.ts';
import type { Walk } from './walk-path.ts';

/** A fetch that begins at a root type. */
export interface RootFetch {
  readonly subgraph: SubgraphAddress;
  readonly operation: FetchOperation;
  /** Puts what the answer brings into the tree. */
  readonly merge: MergeFields;
  readonly carriesIdentity: boolean;
  /** Where the answer belongs: the root, or objects whose field returned the root type. */
  readonly walk: Walk;
  readonly rewrite: RewriteAnswer | undefined;
}

/** Compiles a fetch of root fields to a step. */
export function compileRootFetch(fetch: RootFetch): Step {
  const bodyFor = compileRootBody(fetch);
  return (execution) => {
    const targets = fetch.walk(execution.data);
    return targets.length === 0 ? undefined : run(fetch, { execution, targets, body: bodyFor(execution) });
  };
}

/** Compiles the body of a request for root fields: `{"query":"…","variables":{…}}`. */
export function compileRootBody({ operation }: RootFetch): (execution: Execution) => string {
  const { type, directivesText, selectionText, variables } = operation;
  const definitions = variables.map(({ definition }) => definition).join(',');
  const text = `${type}${definitions && `(${definitions})`}${directivesText}${selectionText}`;
  const head = `{"query":${quote(text)}`;
  const constantBody = variables.length === 0 ? `${head}}` : undefined;
  return (execution) => constantBody ?? `${head},"variables":{${variablesText(variables, execution)}}}`;
}

interface RootRun {
  readonly execution: Execution;
  readonly targets: readonly DataObject[];
  readonly body: string;
}

async function run(fetch: RootFetch, { execution, targets, body }: RootRun): Promise<void> {
  const { subgraph, carriesIdentity, operation } = fetch;
  try {
    const operationType = operation.type === 'mutation' ? 'mutation' : 'query';
    const answer = await execution.fetch(subgraph, { body, operationType, carriesIdentity });
    takeRootAnswer(fetch, answer, { execution, targets });
  } catch (error: unknown) {
    const failure = execution.toFailure(error, subgraph.name);
    for (const target of targets) {
      for (const key of operation.keys) execution.failures.add(target, key, failure);
    }
  }
}

/** Puts an answer of root fields into the tree, its errors with it. */
export function takeRootAnswer(
  { subgraph, operation, merge, rewrite }: RootFetch,
  answer: SubgraphAnswer,
  { execution, targets }: Pick<RootRun, 'execution' | 'targets'>,
): void {
  const { data } = answer;
  if (data) {
    rewrite?.(data);
    for (const target of targets) merge(target, data);
  }
  if (!answer.errors) return;
  for (const { error, path } of readFailures(answer, subgraph.name)) {
    if (path.length === 0 && data) execution.unplaced.push(error);
    for (const target of targets) {
      if (path.length > 0) execution.place(error, target, path);
      else if (!data) for (const key of operation.keys) execution.failures.add(target, key, error);
    }
  }
}
