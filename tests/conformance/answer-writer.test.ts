import { randomOperation, type RandomOperation } from '@tributary/testkit';
import { sample } from 'fast-check';
import {
  getVariableValues,
  Kind,
  separateOperations,
  validate,
  visit,
  type DocumentNode,
  type FragmentSpreadNode,
  type GraphQLObjectType,
  type GraphQLSchema,
  type InlineFragmentNode,
} from 'graphql';
import { describe, expect, it } from 'vitest';

import {
  compileAnswer,
  type AnswerPart,
  type WrittenAnswer,
} from '../../gateway/src/engine/answer/compile-answer.ts';
import { Failures } from '../../gateway/src/engine/answer/failures.ts';
import { normalizeOperation } from '../../gateway/src/engine/answer/normalize-operation.ts';
import type { Refusals } from '../../gateway/src/engine/answer/refusals.ts';
import { Dice } from '../support/answer-fuzz/dice.ts';
import { Model } from '../support/answer-fuzz/model.ts';
import { randomSchema } from '../support/answer-fuzz/random-schema.ts';
import { readDataTree } from '../support/answer-fuzz/read-data-tree.ts';
import { readWithGraphqlJs } from '../support/answer-fuzz/read-with-graphql-js.ts';

const schemaCount = Number(process.env['ANSWER_SCHEMAS'] ?? 100);
const operationsPerSchema = 10;
const worldsPerOperation = 2;
const firstSeed = Number(process.env['ANSWER_SEED'] ?? 1);

const sound = { forbiddenNulls: 0, failures: 0, wrongs: 0 };
// The generated writer is not asked where something failed, so what it does about the rest needs cases of its own.
const wrong = { forbiddenNulls: 30, failures: 0, wrongs: 60 };
const failing = { forbiddenNulls: 40, failures: 60, wrongs: 20 };

function oneOperation({ document, operationName }: RandomOperation): DocumentNode {
  return operationName === undefined ? document : (separateOperations(document)[operationName] ?? document);
}

function coerce(schema: GraphQLSchema, document: DocumentNode, inputs: RandomOperation['variables']) {
  const operation = document.definitions.find(({ kind }) => kind === Kind.OPERATION_DEFINITION);
  const definitions = operation?.kind === Kind.OPERATION_DEFINITION ? operation.variableDefinitions : [];
  return getVariableValues(schema, definitions ?? [], inputs).coerced ?? {};
}

function randomRefusals(schema: GraphQLSchema, dice: Dice): Refusals {
  const refused = new Set<string>();
  for (const type of Object.values(schema.getTypeMap())) {
    if (!('getInterfaces' in type) || type.name.startsWith('__')) continue;
    const isRoot = type.name === 'Query';
    if (!isRoot && dice.happens(120)) refused.add(`${type.name}.__typename`);
    for (const name of Object.keys((type as GraphQLObjectType).getFields())) {
      if (dice.happens(120)) refused.add(`${type.name}.${name}`);
    }
  }
  return { isRefused: (type, field) => refused.has(`${type}.${field}`) };
}

const pathsOf = ({ errors }: WrittenAnswer) => errors.map(({ path }) => path);

interface Case {
  readonly schema: GraphQLSchema;
  readonly hasEqualFields: boolean;
  readonly operation: RandomOperation;
  readonly seed: string;
}

/** Defers some fragments of a document. */
function deferSome(document: DocumentNode, dice: Dice): DocumentNode {
  const defer = { kind: Kind.DIRECTIVE, name: { kind: Kind.NAME, value: 'defer' } } as const;
  const withDefer = <Node extends FragmentSpreadNode | InlineFragmentNode>(node: Node): Node =>
    dice.happens(400) ? { ...node, directives: [...(node.directives ?? []), defer] } : node;
  return visit(document, { FragmentSpread: withDefer, InlineFragment: withDefer });
}

/** Puts the parts of an answer together, as a client does. */
function putTogether(first: AnswerPart): { readonly data: unknown; readonly hasErrors: boolean } {
  const data: unknown = JSON.parse(first.data);
  const left = [...first.later];
  let hasErrors = first.errors.length > 0;
  for (let next = left.pop(); next; next = left.pop()) {
    const part = next.write();
    let at = data as Record<string | number, unknown>;
    for (const key of next.path) at = at[key] as typeof at;
    merge(at, JSON.parse(part.data) as Record<string, unknown>);
    hasErrors ||= part.errors.length > 0;
    left.push(...part.later);
  }
  return { data, hasErrors };
}

function merge(into: Record<string, unknown>, from: Record<string, unknown> | null): void {
  for (const [key, value] of Object.entries(from ?? {})) {
    const known = Object.hasOwn(into, key) ? into[key] : undefined;
    const isMergeable = typeof known === 'object' && known !== null && typeof value === 'object';
    if (isMergeable) merge(known as Record<string, unknown>, value as Record<string, unknown>);
    else into[key] = value;
  }
}

/** Tells what kind of case it was. */
function check({ schema, hasEqualFields, operation, seed }: Case): string {
  const dice = new Dice(seed);
  const document = oneOperation(operation);
  const variables = coerce(schema, document, operation.variables);
  const refusals = dice.happens(300) ? randomRefusals(schema, dice) : undefined;
  const model = new Model(seed, schema, dice.pick([sound, sound, wrong, failing]));
  const normalized = normalizeOperation({ schema, document, refusals });
  const reading = { schema, model, refusals: normalized.refusals };
  const expected = readWithGraphqlJs({ ...reading, document, variables: operation.variables });
  // With refusals a field of an interface is asked of its implementations, whose types may differ: the planner knows.
  const isPlain = normalized.document && !refusals;
  expect(isPlain ? validate(schema, normalized.document).map(String) : []).toEqual([]);

  const tree = normalized.document
    ? readDataTree({ ...reading, document: normalized.document, variables }, seed, hasEqualFields)
    : { data: {}, failures: new Failures() };
  const wanted = {
    data: JSON.stringify(expected.data ?? null),
    paths: (expected.errors ?? []).map(({ path }) => path),
  };
  const request = { ...tree, variables };
  const careful = compileAnswer(normalized, 'careful-only').write(request);
  expect({ data: careful.data, paths: pathsOf(careful) }).toEqual(wanted);
  const writer = compileAnswer(normalized);
  for (const _time of ['first', 'second']) {
    const answer = writer.write(request);
    expect({ data: answer.data, paths: pathsOf(answer) }).toEqual(wanted);
  }
  if (wanted.paths.length > 0) return 'troubled';
  const inParts = normalizeOperation({ schema, document: deferSome(document, dice), refusals });
  const { data, hasErrors } = putTogether(compileAnswer(inParts).writeFirst(request));
  expect({ data, hasErrors }).toEqual({ data: JSON.parse(wanted.data), hasErrors: false });
  expect(compileAnswer(normalized, 'fast-only').write(request).data).toBe(wanted.data);
  return wanted.data === '{}' ? 'empty' : 'sound';
}

describe('answers to random operations', () => {
  const counts = new Map<string, number>();
  const seeds = Array.from({ length: schemaCount }, (_none, index) => firstSeed + index);

  function* cases() {
    for (const seed of seeds) {
      const { schema, hasEqualFields } = randomSchema(`schema ${seed}`);
      const values = { ID: ['1'], Input: [{ a: 1 }] };
      const operations = sample(randomOperation(schema, { values, maxDepth: 6 }), {
        seed,
        numRuns: operationsPerSchema,
      });
      for (const [index, operation] of operations.entries()) {
        for (let world = 0; world < worldsPerOperation; world += 1) {
          yield { schema, hasEqualFields, operation, seed: `${seed} ${index} ${world}` };
        }
      }
    }
  }

  it(`are those of graphql-js, byte for byte (seeds ${firstSeed} to ${firstSeed + schemaCount - 1})`, () => {
    for (const { seed, ...given } of cases()) {
      try {
        const kind = check({ seed, ...given });
        counts.set(kind, (counts.get(kind) ?? 0) + 1);
      } catch (error: unknown) {
        throw new Error(`seed ${seed}: ${given.operation.query}`, { cause: error });
      }
    }
    // Both kinds must be met often, or the comparison proves little.
    const enough = (schemaCount * operationsPerSchema * worldsPerOperation) / 5;
    expect(counts.get('sound')).toBeGreaterThan(enough);
    expect(counts.get('troubled')).toBeGreaterThan(enough);
  }, 600_000);
});
