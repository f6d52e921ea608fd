import { seededChance } from '@tributary/testkit';
import {
  Kind,
  parse,
  print,
  TypeInfo,
  visit,
  visitWithTypeInfo,
  type DirectiveNode,
  type DocumentNode,
  type GraphQLSchema,
  type SelectionNode,
} from 'graphql';

import type { EngineAnswer, ExecutableOperation, LoadEngine } from '../../../gateway/src/engine/engine.ts';
import type { Operation } from '../../../gateway/src/operations/prepare-document.ts';
import { putPartsTogether } from '../put-parts-together.ts';
import type { Payload, PayloadError } from '../read-parts.ts';
import { loadInProcess } from './load-in-process.ts';

/** What came of it. */
export interface DeferStatistics {
  /** How many parts were delivered. */
  parts: number;
}

/** Our engine, with `@defer` put at random places of every operation, and the parts of its answers put together. */
export const loadDeferring =
  (statistics: DeferStatistics): LoadEngine =>
  async (...loading) => {
    const engine = await loadInProcess(...loading);
    return {
      ...engine,
      plan: async (request) => {
        const operation = deferSome(engine.schema, request.operation);
        const executable = await engine.plan({ ...request, operation, defers: true });
        const later = seededChance(`${operation.text} later`).happens(50);
        return readingAll(executable, { later, statistics });
      },
    };
  };

interface Reading {
  /** What the variable is that some of the fragments are deferred by. */
  readonly later: boolean;
  readonly statistics: DeferStatistics;
}

const readingAll = (
  executable: ExecutableOperation,
  { later, statistics }: Reading,
): ExecutableOperation => ({
  execute: async (request) => {
    const coercedVariables = { ...request.coercedVariables, [variable]: later };
    const answer = await executable.execute({ ...request, coercedVariables });
    const payloads: Payload[] = [toPayload(answer)];
    for await (const list of answer.later ?? []) {
      statistics.parts += list.length;
      const incremental = list.map(({ part, ...text }) => ({ ...toPayload(text), path: part.path }));
      payloads.push({ incremental, hasNext: true });
    }
    const { data, errors } = putPartsTogether(payloads);
    return { data: JSON.stringify(data), errors: errors as unknown as EngineAnswer['errors'] };
  },
});

const toPayload = ({ data, errors }: Pick<EngineAnswer, 'data' | 'errors'>) => ({
  data: JSON.parse(data) as Record<string, unknown> | null,
  errors: errors as unknown as readonly PayloadError[],
  hasNext: true,
});

/** The same operation with some of its fragments, and some of its fields in new fragments, deferred. */
export function deferSome(schema: GraphQLSchema, operation: Operation): Operation {
  const chance = seededChance(operation.text);
  const typeInfo = new TypeInfo(schema);
  const mayDefer = () => typeInfo.getParentType() !== schema.getMutationType();
  const document: DocumentNode = visit(
    operation.document,
    visitWithTypeInfo(typeInfo, {
      OperationDefinition: {
        leave: (node) =>
          definition?.kind === Kind.OPERATION_DEFINITION
            ? {
                ...node,
                variableDefinitions: [
                  ...(node.variableDefinitions ?? []),
                  ...(definition.variableDefinitions ?? []),
                ],
              }
            : undefined,
      },
      SelectionSet: {
        leave: (node) => {
          if (!mayDefer() || !chance.happens(25)) return undefined;
          const [now, later] = [[], []] as [SelectionNode[], SelectionNode[]];
          for (const selection of node.selections) (chance.happens(50) ? later : now).push(selection);
          if (later.length === 0) return undefined;
          return { ...node, selections: [...now, inDeferred(later, chance.pick(directives))] };
        },
      },
      InlineFragment: (node) =>
        mayDefer() && chance.happens(30)
          ? { ...node, directives: [...(node.directives ?? []), chance.pick(directives)] }
          : undefined,
      FragmentSpread: (node) =>
        mayDefer() && chance.happens(30)
          ? { ...node, directives: [...(node.directives ?? []), chance.pick(directives)] }
          : undefined,
    }),
  );
  const node = document.definitions.find((definition) => definition.kind === Kind.OPERATION_DEFINITION);
  return { ...operation, document, node: node ?? operation.node, text: print(document) };
}

const variable = 'later_';

const fragment = (directive: string): SelectionNode | undefined => {
  const [operation] = parse(`{ ... ${directive} { __typename } }`).definitions;
  return operation?.kind === Kind.OPERATION_DEFINITION ? operation.selectionSet.selections[0] : undefined;
};

const directives: readonly DirectiveNode[] = ['@defer', '@defer', `@defer(if: $${variable})`].flatMap(
  (directive) => fragment(directive)?.directives ?? [],
);

const [definition] = parse(`query ($${variable}: Boolean!) { __typename }`).definitions;

const inDeferred = (selections: readonly SelectionNode[], directive: DirectiveNode): SelectionNode => ({
  kind: Kind.INLINE_FRAGMENT,
  directives: [directive],
  selectionSet: { kind: Kind.SELECTION_SET, selections },
});
