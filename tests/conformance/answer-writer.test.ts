import { randomOperation, type RandomOperation } from '@tributary/testkit';
import { sample } from 'fast-check';
import {
  getVariableValues,
  Kind,
  separateOperations,
  validate,
  type DocumentNode,
  type GraphQLObjectType,
  type GraphQLSchema,
} from 'graphql';
import { describe, expect, it } from 'vitest';

import {
  compileAnswer,
  Failures,
  normalizeOperation,
  type Refusals,
  type WrittenAnswer,
} from '../../gateway/src/engine/answer/index.ts';
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
  });
});
