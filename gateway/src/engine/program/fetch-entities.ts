import type { GraphQLError } from 'graphql';

import { SubgraphUnavailable } from '../../errors/gateway-errors.ts';
import type { SubgraphAddress, SubgraphAnswer } from '../../subgraph-client/subgraph-client.ts';
import { isDataObject, mergeFields, type DataObject, type IsObjectType } from './data-tree.ts';
import { readFailures, type Execution, type Step, type SubgraphFailure } from './execution.ts';
import type { FetchOperation } from './fetch-operation.ts';
import { stringText } from './json-text.ts';
import type { RewriteAnswer } from './output-rewrites.ts';
import type { ReadContexts } from './read-contexts.ts';
import type { RepresentationReader } from './representation.ts';
import { variablesText } from './request-body.ts';
import type { Walk } from './walk-path.ts';

/** What is asked of entities. Fetches of one program that ask the same have the same object. */
export interface EntitySelection {
  /** Tells the selections of a program apart. */
  readonly id: number;
  readonly operation: FetchOperation;
  /** Keys that an entity of the answer brings, after rewriting. */
  readonly keys: readonly string[];
  /** The variables that do not come from the client. */
  readonly fromContext: ReadonlySet<string>;
  readonly rewrite: RewriteAnswer | undefined;
}

/** A fetch of entities: where they are, how they are named to the subgraph, and what is asked of them. */
export interface EntityFetch {
  readonly subgraph: SubgraphAddress;
  readonly carriesIdentity: boolean;
  readonly selection: EntitySelection;
  readonly walk: Walk;
  readonly reader: RepresentationReader;
  /** Arguments that come from what stands above the entity (`@fromContext`). */
  readonly readContexts: ReadContexts | undefined;
}

export interface EntityRequestOptions {
  readonly isObjectType: IsObjectType;
  /** Off in a mutation: an entity may have changed between two of its fetches. */
  readonly reusesEntities: boolean;
  /** On where the same entity answers differently at different places: then no two places may share an object. */
  readonly copiesEntities: boolean;
}

/**
 * Compiles fetches of entities that go to one subgraph at one time to a step: one request, with an alias for each
 * selection that differs.
 */
export function compileEntityFetches(fetches: readonly EntityFetch[], options: EntityRequestOptions): Step {
  const [first] = fetches;
  if (!first) throw new TypeError('Expected at least one fetch');
  const request: EntityRequest = {
    ...options,
    fetches,
    subgraph: first.subgraph,
    carriesIdentity: first.carriesIdentity,
    heads: new Map(),
  };
  return async (execution) => {
    const batches = collectBatches(request, execution);
    if (batches.length === 0) return;
    // What differs from place to place cannot stand in one request, which has each variable once.
    const contexts = Map.groupBy(batches, ({ context }) => context);
    if (contexts.size === 1) await ask(request, batches, execution);
    else await Promise.all([...contexts.values()].map((each) => ask(request, each, execution)));
  };
}

interface EntityRequest extends EntityRequestOptions {
  readonly fetches: readonly EntityFetch[];
  readonly subgraph: SubgraphAddress;
  readonly carriesIdentity: boolean;
  /** The beginnings of bodies that were needed so far, by the selections that are in them. */
  readonly heads: Map<string, string>;
}

/** The entities that one selection is asked of, each once however often it stands in the tree. */
interface Batch {
  readonly selection: EntitySelection;
  /** Variables that `@fromContext` gives, as text. */
  readonly context: string;
  readonly representations: string[];
  readonly indexes: Map<string, number>;
  /** The places of each representation. */
  readonly targets: DataObject[][];
}

function collectBatches(request: EntityRequest, execution: Execution): readonly Batch[] {
  const batches: Batch[] = [];
  for (const fetch of request.fetches) {
    const contexts = fetch.readContexts?.(execution.data);
    for (const target of fetch.walk(execution.data)) {
      const context = contexts ? contexts.get(target) : '';
      const representation = fetch.reader.represent(target);
      if (representation === undefined || context === undefined) {
        blame(fetch, target, execution);
        continue;
      }
      if (takeKnown(request, { fetch, target, key: representation + context }, execution)) continue;
      add(batchOf(batches, fetch.selection, context), representation, target);
    }
  }
  return batches;
}

function batchOf(batches: Batch[], selection: EntitySelection, context: string): Batch {
  for (const batch of batches) {
    if (batch.selection === selection && batch.context === context) return batch;
  }
  const batch: Batch = { selection, context, representations: [], indexes: new Map(), targets: [] };
  batches.push(batch);
  return batch;
}

function add(batch: Batch, representation: string, target: DataObject): void {
  const index = batch.indexes.get(representation);
  if (index !== undefined) {
    batch.targets[index]?.push(target);
    return;
  }
  batch.indexes.set(representation, batch.representations.length);
  batch.representations.push(representation);
  batch.targets.push([target]);
}

/** What could not be asked for because something else failed is missing for the same reason. */
function blame({ reader, selection }: EntityFetch, target: DataObject, execution: Execution): void {
  if (execution.failures.isEmpty) return;
  const cause = reader.findCause(target, execution.failures);
  if (!cause) return;
  for (const key of selection.operation.keysOf(target['__typename'])) {
    execution.failures.add(target, key, cause.error);
  }
}

function takeKnown(
  { reusesEntities, isObjectType, copiesEntities }: EntityRequest,
  { fetch, target, key }: { fetch: EntityFetch; target: DataObject; key: string },
  execution: Execution,
): boolean {
  if (!reusesEntities) return false;
  const entity = execution.knownEntities(fetch.selection).get(key);
  if (entity === undefined) return false;
  if (entity !== null) {
    mergeFields(
      target,
      copiesEntities ? structuredClone(entity) : entity,
      fetch.selection.keys,
      isObjectType,
    );
  }
  return true;
}

async function ask(request: EntityRequest, batches: readonly Batch[], execution: Execution): Promise<void> {
  const { subgraph, carriesIdentity } = request;
  let answer: SubgraphAnswer;
  try {
    const body = bodyOf(request, batches, execution);
    answer = await execution.fetch(subgraph, { body, operationType: 'query', carriesIdentity });
  } catch (error: unknown) {
    const failure = execution.toFailure(error, subgraph.name);
    for (const batch of batches) failBatch(batch, failure, execution);
    return;
  }
  // `_entities` may not be null, so one that fails leaves nothing of the others: each is asked for alone.
  if (batches.length > 1 && !answer.data) {
    await Promise.all(batches.map((batch) => ask(request, [batch], execution)));
    return;
  }
  takeAnswer(request, batches, { answer, execution });
}

const aliasOf = (index: number, count: number): string => (count === 1 ? '_entities' : `e${index}`);
const variableOf = (index: number, count: number): string =>
  count === 1 ? 'representations' : `representations${index}`;

function bodyOf(request: EntityRequest, batches: readonly Batch[], execution: Execution): string {
  const selections = batches.map(({ selection }) => selection);
  const key = selections.map(({ id }) => id).join();
  let head = request.heads.get(key);
  if (head === undefined) {
    head = `{"query":${stringText(queryText(selections))},"variables":{`;
    request.heads.set(key, head);
  }
  const representations = batches.map(
    (batch, index) => `"${variableOf(index, batches.length)}":[${batch.representations.join(',')}]`,
  );
  const variables = variablesText(clientVariablesOf(selections), execution);
  const context = batches[0]?.context ?? '';
  return `${head}${[...representations, variables, context].filter(Boolean).join(',')}}}`;
}

function queryText(selections: readonly EntitySelection[]): string {
  const count = selections.length;
  const definitions = [
    ...selections.map((_selection, index) => `$${variableOf(index, count)}:[_Any!]!`),
    ...variablesOf(selections).map(({ definition }) => definition),
  ];
  const fields = selections.map(({ operation }, index) => {
    const alias = count === 1 ? '' : `${aliasOf(index, count)}:`;
    return `${alias}_entities(representations:$${variableOf(index, count)})${operation.selectionText}`;
  });
  return `query(${definitions.join(',')})${selections[0]?.operation.directivesText ?? ''}{${fields.join(' ')}}`;
}

/** Joined fetches are of one client operation, where a variable has one definition. */
const variablesOf = (selections: readonly EntitySelection[]) => [
  ...new Map(
    selections.flatMap(({ operation }) => operation.variables.map((each) => [each.name, each] as const)),
  ).values(),
];

const clientVariablesOf = (selections: readonly EntitySelection[]) =>
  variablesOf(selections).filter(({ name }) => !selections.some(({ fromContext }) => fromContext.has(name)));

interface Answered {
  readonly answer: SubgraphAnswer;
  readonly execution: Execution;
}

function takeAnswer(
  request: EntityRequest,
  batches: readonly Batch[],
  { answer, execution }: Answered,
): void {
  const failures = answer.errors ? readFailures(answer, request.subgraph.name) : [];
  const placed = new Set<SubgraphFailure>();
  for (const [index, batch] of batches.entries()) {
    const alias = aliasOf(index, batches.length);
    const own = failures.filter(({ path }) => path[0] === alias);
    for (const failure of own) placed.add(failure);
    const entities = answer.data?.[alias];
    if (isAnswerTo(batch, entities)) {
      takeEntities(request, { batch, entities, failures: own }, execution);
      continue;
    }
    const [cause = failures.find(({ path }) => path.length === 0)] = own;
    if (cause) placed.add(cause);
    failBatch(batch, cause?.error ?? wrongEntities(request, batch, execution), execution);
  }
  for (const failure of failures) if (!placed.has(failure)) execution.unplaced.push(failure.error);
}

const isAnswerTo = (batch: Batch, entities: unknown): entities is readonly (DataObject | null)[] =>
  Array.isArray(entities) &&
  entities.length === batch.representations.length &&
  entities.every((entity) => entity === null || isDataObject(entity));

const wrongEntities = ({ subgraph }: EntityRequest, batch: Batch, execution: Execution): GraphQLError =>
  execution.toFailure(
    new SubgraphUnavailable(
      subgraph.name,
      `was asked for ${batch.representations.length} entities and sent others`,
    ),
    subgraph.name,
  );

interface Entities {
  readonly batch: Batch;
  readonly entities: readonly (DataObject | null)[];
  readonly failures: readonly SubgraphFailure[];
}

function takeEntities(
  request: EntityRequest,
  { batch, entities, failures }: Entities,
  execution: Execution,
): void {
  const { selection, targets, representations } = batch;
  const known =
    request.reusesEntities && failures.length === 0 ? execution.knownEntities(selection) : undefined;
  for (const [index, entity] of entities.entries()) {
    known?.set((representations[index] ?? '') + batch.context, entity);
    if (entity === null) continue;
    const places = targets[index] ?? [];
    selection.rewrite?.(entity, places[0]?.['__typename']);
    for (const [at, target] of places.entries()) {
      const source = at > 0 && request.copiesEntities ? structuredClone(entity) : entity;
      mergeFields(target, source, selection.keys, request.isObjectType);
    }
  }
  for (const failure of failures) placeInEntity(failure, batch, execution);
}

function placeInEntity({ error, path }: SubgraphFailure, batch: Batch, execution: Execution): void {
  const [, index, ...rest] = path;
  const targets = typeof index === 'number' ? batch.targets[index] : undefined;
  if (!targets) {
    execution.unplaced.push(error);
    return;
  }
  for (const target of targets) {
    if (rest.length > 0) execution.place(error, target, rest);
    else failTarget(target, batch, { error, execution });
  }
}

function failBatch(batch: Batch, error: GraphQLError, execution: Execution): void {
  for (const target of batch.targets.flat()) failTarget(target, batch, { error, execution });
}

function failTarget(
  target: DataObject,
  { selection }: Batch,
  { error, execution }: { readonly error: GraphQLError; readonly execution: Execution },
): void {
  for (const key of selection.operation.keysOf(target['__typename'])) {
    execution.failures.add(target, key, error);
  }
}
