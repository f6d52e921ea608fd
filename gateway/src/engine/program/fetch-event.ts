import type { GraphQLSchema } from 'graphql';

import { SubgraphUnavailable } from '../../errors/gateway-errors.ts';
import type { SubgraphAddress, SubgraphAnswer } from '../../subgraph-client/subgraph-client.ts';
import { quote } from '../quote.ts';
import { isDataObject, type DataObject, type MergeFields } from './data-tree.ts';
import type { EventOperation } from './event-operation.ts';
import { readFailures, type Execution } from './execution.ts';
import type { FetchOperation } from './fetch-operation.ts';
import { compilePickFields } from './known-fields.ts';
import type { RewriteAnswer } from './output-rewrites.ts';
import { variablesText } from './request-body.ts';
import { isOfType } from './type-conditions.ts';

/** What an event is about. */
export interface EventSubject {
  /** `__typename` and the fields of a key. */
  readonly entity: Readonly<Record<string, unknown>>;
  /** Fields of the entity that came along: they save a fetch when they are all that is selected. */
  readonly fields?: Readonly<Record<string, unknown>> | undefined;
}

/**
 * What became of an event: its entity is in the tree, or what went wrong is, which may be that nobody could be asked; there
 * is no such entity any more, or not for this caller; or it is of a type that the field does not return.
 */
export type EventOutcome = 'taken' | 'unreachable' | 'gone' | 'foreign';

/** Puts the entity of an event into the tree. */
export type TakeEvent = (subject: EventSubject, execution: Execution) => Promise<EventOutcome> | EventOutcome;

export interface EventFetch {
  readonly source: EventOperation;
  readonly subgraph: SubgraphAddress;
  readonly carriesIdentity: boolean;
  readonly operation: FetchOperation;
  readonly merge: MergeFields;
  readonly rewrite: RewriteAnswer | undefined;
}

/** Compiles the first step of a subscription's answer: the entity of an event is asked for what the client selects of it. */
export function compileTakeEvent(fetch: EventFetch, schema: GraphQLSchema): TakeEvent {
  const { source, carriesIdentity, rewrite } = fetch;
  // What depends on who asks is never taken from an event, which is the same for everybody.
  const pickFields = carriesIdentity || rewrite ? undefined : compilePickFields(source.selectionSet, schema);
  const bodyFor = compileBody(fetch.operation);
  return (subject, execution) => {
    const { entity, fields } = subject;
    if (!isOfType(entity['__typename'], source.type, schema)) return 'foreign';
    const picked = pickFields?.({ ...fields, ...entity });
    if (!picked) return askFor(fetch, subject, { execution, body: bodyFor(subject, execution) });
    execution.data[source.key] = { __typename: entity['__typename'], ...picked };
    return 'taken';
  };
}

function compileBody({ directivesText, selectionText, variables }: FetchOperation) {
  const definitions = ['$representations:[_Any!]!', ...variables.map(({ definition }) => definition)];
  const text =
    `query(${definitions.join(',')})${directivesText}` +
    `{_entities(representations:$representations)${selectionText}}`;
  const head = `{"query":${quote(text)},"variables":{"representations":[`;
  return ({ entity }: EventSubject, execution: Execution): string => {
    const others = variablesText(variables, execution);
    return `${head}${JSON.stringify(entity)}]${others && `,${others}`}}}`;
  };
}

async function askFor(
  fetch: EventFetch,
  subject: EventSubject,
  { execution, body }: { readonly execution: Execution; readonly body: string },
): Promise<EventOutcome> {
  const { subgraph, carriesIdentity, source } = fetch;
  try {
    const answer = await execution.fetch(subgraph, { body, operationType: 'query', carriesIdentity });
    return takeAnswer(fetch, subject, { execution, answer });
  } catch (error: unknown) {
    execution.failures.add(execution.data, source.key, execution.toFailure(error, subgraph.name));
    return error instanceof SubgraphUnavailable ? 'unreachable' : 'taken';
  }
}

function takeAnswer(
  { subgraph, source, merge, rewrite }: EventFetch,
  { entity }: EventSubject,
  { execution, answer }: { readonly execution: Execution; readonly answer: SubgraphAnswer },
): EventOutcome {
  const { data, failures } = execution;
  const found = entityOf(answer);
  const errors = answer.errors ? readFailures(answer, subgraph.name) : [];
  if (found === null && errors.length === 0) return 'gone';
  const target: DataObject = { __typename: entity['__typename'] };
  if (found) {
    merge(target, found);
    rewrite?.({ [source.key]: target });
    data[source.key] = target;
  }
  for (const { error, path } of errors) {
    const [entities, index, ...rest] = path;
    const isPlaced = entities === '_entities' && (index === undefined || index === 0);
    if (found && isPlaced && rest.length > 0) execution.place(error, target, rest);
    else if (found) execution.unplaced.push(error);
    else failures.add(data, source.key, error);
  }
  if (!found && errors.length === 0) {
    const wrong = new SubgraphUnavailable(subgraph.name, 'was asked for an entity and sent something else');
    failures.add(data, source.key, execution.toFailure(wrong, subgraph.name));
  }
  return 'taken';
}

/** `null` for one that is not there, `undefined` for an answer that is none. */
function entityOf({ data }: SubgraphAnswer): DataObject | null | undefined {
  const entities = data?.['_entities'];
  if (!Array.isArray(entities) || entities.length !== 1) return undefined;
  const [entity] = entities as unknown[];
  return entity === null || isDataObject(entity) ? entity : undefined;
}
