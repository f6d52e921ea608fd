import {
  executeSync,
  Kind,
  OperationTypeNode,
  type DocumentNode,
  type FieldNode,
  type OperationDefinitionNode,
} from 'graphql';

import type { NormalizedOperation } from './normalize-operation.ts';
import { variablesIn } from './planner-document.ts';

/** Gives the answer to an introspection field as JSON; its selections are to be merged. */
export type Introspect = (selections: readonly FieldNode[]) => string;

/**
 * Lets graphql-js answer `__schema` and `__type` from the API schema, for the variables of a request. What does not
 * depend on them is answered once.
 */
export function createIntrospection({
  schema,
  operation,
  clientDocument,
}: NormalizedOperation): (variables: Readonly<Record<string, unknown>>) => Introspect {
  const documents = new WeakMap<readonly FieldNode[], DocumentNode>();
  const answers = new WeakMap<readonly FieldNode[], string>();
  return (variableValues) => (selections) => {
    const known = answers.get(selections);
    if (known !== undefined) return known;
    let document = documents.get(selections);
    if (!document) {
      documents.set(selections, (document = toDocument(selections, operation.node, clientDocument)));
    }
    const { data, errors } = executeSync({ schema, document, variableValues });
    if (errors?.[0]) throw errors[0];
    const answer = JSON.stringify(data?.[answerKey] ?? null);
    if (!hasVariables(document)) answers.set(selections, answer);
    return answer;
  };
}

const answerKey = 'answer';

/** A query of its own, since such a field may stand beneath others that return the query type. */
function toDocument(
  selections: readonly FieldNode[],
  { variableDefinitions = [] }: OperationDefinitionNode,
  { definitions }: DocumentNode,
): DocumentNode {
  const fields = selections.map(({ directives: _resolved, ...field }) => ({
    ...field,
    alias: { kind: Kind.NAME, value: answerKey } as const,
  }));
  const fragments = definitions.filter(
    (definition) =>
      definition.kind === Kind.FRAGMENT_DEFINITION && definition.typeCondition.name.value.startsWith('__'),
  );
  const used = variablesIn([...fields, ...fragments]);
  return {
    kind: Kind.DOCUMENT,
    definitions: [
      {
        kind: Kind.OPERATION_DEFINITION,
        operation: OperationTypeNode.QUERY,
        variableDefinitions: variableDefinitions.filter(({ variable }) => used.has(variable.name.value)),
        selectionSet: { kind: Kind.SELECTION_SET, selections: fields },
      },
      ...fragments,
    ],
  };
}

const hasVariables = ({ definitions }: DocumentNode): boolean =>
  definitions.some(
    (definition) =>
      definition.kind === Kind.OPERATION_DEFINITION && (definition.variableDefinitions ?? []).length > 0,
  );
