import type { GraphQLError } from 'graphql';

import { SubgraphUnavailable } from '../../errors/gateway-errors.ts';
import type { SubgraphAddress, SubgraphAnswer } from '../../subgraph-client/subgraph-client.ts';
import { AskedEntities, type AskedEntity, type Batch } from './asked-entities.ts';
import { collectEntities, type EntitySource, type MergeOptions } from './collect-entities.ts';
import { isDataObject, type DataObject } from './data-tree.ts';
import { aliasOf, createWriteBody, type WriteBody } from './entity-request-body.ts';
import { readFailures, type Execution, type Step, type SubgraphFailure } from './execution.ts';

/** A fetch of entities. */
export interface EntityFetch extends EntitySource {
  readonly subgraph: SubgraphAddress;
  readonly carriesIdentity: boolean;
}

export interface EntityFetchOptions extends MergeOptions {
  /** Off in a mutation: an entity may have changed between two of its fetches. */
  readonly reusesEntities: boolean;
  /** The fetches of a program with the same one share a request when they are ready at the same time. @default none do */
  readonly meeting?: string | undefined;
}

interface EntityRequest extends MergeOptions {
  readonly subgraph: SubgraphAddress;
  readonly carriesIdentity: boolean;
  readonly writeBody: WriteBody;
}

/**
 * Compiles fetches of entities that go to one subgraph at one time to a step: one request, with an alias for each
 * selection that differs, and none when all that they want is known or on its way.
 */
export function compileEntityFetches(
  fetches: readonly EntityFetch[],
  { reusesEntities, meeting, ...options }: EntityFetchOptions,
): Step {
  const [first] = fetches;
  if (!first) throw new TypeError('Expected at least one fetch');
  const { subgraph, carriesIdentity } = first;
  const request: EntityRequest = { ...options, subgraph, carriesIdentity, writeBody: createWriteBody() };
  const fetchAll = async (ready: readonly EntityFetch[], execution: Execution) => {
    const asked = reusesEntities ? execution.askedEntities : new AskedEntities();
    const { batches, awaited } = collectEntities(ready, execution, { ...options, asked });
    const running = askInOneOrMore(request, batches, execution);
    if (awaited.size === 0) await running;
    else await Promise.all([running, ...awaited]);
  };
  if (meeting === undefined) return (execution) => fetchAll(fetches, execution);
  return (execution) => execution.departures.join(meeting, fetches, (ready) => fetchAll(ready, execution));
}

async function askInOneOrMore(
  request: EntityRequest,
  batches: readonly Batch[],
  execution: Execution,
): Promise<void> {
  if (batches.length === 0) return;
  // What differs from place to place cannot stand in one request, which has each variable once.
  const contexts = [...Map.groupBy(batches, ({ context }) => context).values()];
  const running = contexts.map((each) => {
    const done = ask(request, each, execution);
    for (const batch of each) batch.done = done;
    return done;
  });
  await (running.length === 1 ? running[0] : Promise.all(running));
}

async function ask(request: EntityRequest, batches: readonly Batch[], execution: Execution): Promise<void> {
  const { subgraph, carriesIdentity, writeBody } = request;
  let answer: SubgraphAnswer;
  try {
    const body = writeBody(batches, execution);
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
      takeEntities(request, batch, entities);
      for (const failure of own) placeInBatch(failure, batch, execution);
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
  entities.length === batch.entities.length &&
  entities.every((entity) => entity === null || isDataObject(entity));

const wrongEntities = ({ subgraph }: EntityRequest, batch: Batch, execution: Execution): GraphQLError =>
  execution.toFailure(
    new SubgraphUnavailable(subgraph.name, `was asked for ${batch.entities.length} entities and sent others`),
    subgraph.name,
  );

function takeEntities(
  { copiesEntities }: EntityRequest,
  { selection, entities: asked }: Batch,
  entities: readonly (DataObject | null)[],
): void {
  for (const [index, each] of asked.entries()) {
    const entity = entities[index] ?? null;
    each.entity = entity;
    if (entity === null) continue;
    selection.rewrite?.(entity, each.targets[0]['__typename']);
    for (const [at, target] of each.targets.entries()) {
      selection.merge(target, at > 0 && copiesEntities ? structuredClone(entity) : entity);
    }
  }
}

function placeInBatch({ error, path }: SubgraphFailure, batch: Batch, execution: Execution): void {
  const [, index, ...rest] = path;
  const entity = typeof index === 'number' ? batch.entities[index] : undefined;
  if (!entity) {
    execution.unplaced.push(error);
    return;
  }
  if (rest.length === 0) {
    failEntity(entity, error, execution);
    return;
  }
  entity.isFailed = true;
  for (const target of entity.targets) execution.place(error, target, rest);
}

function failBatch({ entities }: Batch, error: GraphQLError, execution: Execution): void {
  for (const entity of entities) failEntity(entity, error, execution);
}

function failEntity(entity: AskedEntity, error: GraphQLError, execution: Execution): void {
  entity.isFailed = true;
  for (const target of entity.targets) {
    for (const key of entity.batch.selection.operation.keysOf(target['__typename'])) {
      execution.failures.add(target, key, error);
    }
  }
}
