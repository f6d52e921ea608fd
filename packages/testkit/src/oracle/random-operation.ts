import { Arbitrary, stream, toStringMethod, Value, type Random, type Stream } from 'fast-check';
import {
  Kind,
  OperationTypeNode,
  parseType,
  print,
  validate,
  type DocumentNode,
  type GraphQLSchema,
  type VariableDefinitionNode,
} from 'graphql';

import { Chance } from './chance.ts';
import { finishDocument, operationsOf } from './finish-document.ts';
import { DocumentGenerator, type DocumentLimits } from './generate-document.ts';
import { RandomValues, type KnownValues, type RandomVariable } from './random-values.ts';
import { shrinkDocument } from './shrink-document.ts';

/** A request as a client would send it. */
export interface RandomOperation {
  readonly query: string;
  /** Which operation of the document runs; absent when there is one. */
  readonly operationName?: string;
  readonly variables: Readonly<Record<string, unknown>>;
  /** {@link query}, parsed. */
  readonly document: DocumentNode;
}

export interface RandomOperationOptions extends Partial<DocumentLimits> {
  /**
   * How often a field is chosen beside its siblings; 0 leaves it out.
   *
   * @default 3 for a field that leads on, 1 for others
   */
  readonly weightOf?: DocumentLimits['weightOf'];
  /** @default a few values of the built-in scalars; arguments of other scalars are left out */
  readonly values?: KnownValues;
}

/**
 * Random valid operations for any schema: nested selections, arguments from literals and variables, aliases,
 * fragments on concrete and abstract types, `__typename`, conditions, repeated fields, several operations in one
 * document. What fast-check shrinks stays valid.
 *
 * @example
 * fc.assert(fc.asyncProperty(randomOperation(schema, { values: { ID: ['1', '2'] } }), async ({ query, variables }) => …))
 */
export const randomOperation = (
  schema: GraphQLSchema,
  {
    values = {},
    weightOf = () => undefined,
    operationTypes = [OperationTypeNode.QUERY],
    maxDepth = 8,
    maxFields = 30,
    maxItems = 150,
    assumedListSize = 5,
  }: RandomOperationOptions = {},
): Arbitrary<RandomOperation> =>
  new OperationArbitrary(schema, values, {
    weightOf,
    operationTypes,
    maxDepth,
    maxFields,
    maxItems,
    assumedListSize,
  });

class OperationArbitrary extends Arbitrary<RandomOperation> {
  readonly #schema: GraphQLSchema;
  readonly #known: KnownValues;
  readonly #limits: DocumentLimits;

  constructor(schema: GraphQLSchema, known: KnownValues, limits: DocumentLimits) {
    super();
    this.#schema = schema;
    this.#known = known;
    this.#limits = limits;
  }

  override generate(random: Random): Value<RandomOperation> {
    const chance = new Chance(random);
    const values = new RandomValues(chance, this.#known);
    const draft = new DocumentGenerator(this.#schema, chance, values, this.#limits).generate();
    const document = finishDocument(this.#schema, draft, values.variables.map(toDefinition));
    const [problem] = validate(this.#schema, document);
    if (problem) {
      throw new Error(`Expected a valid document, but got "${problem.message}" for\n${print(document)}`);
    }
    const operations = operationsOf(document);
    const operationName = operations.length > 1 ? chance.pick(operations).name?.value : undefined;
    return new Value(toOperation(document, operationName, valuesOf(values.variables)), undefined);
  }

  override canShrinkWithoutContext(value: unknown): value is RandomOperation {
    return typeof value === 'object' && value !== null && 'document' in value;
  }

  override shrink(operation: RandomOperation): Stream<Value<RandomOperation>> {
    return stream(this.#smaller(operation));
  }

  *#smaller(operation: RandomOperation): Generator<Value<RandomOperation>> {
    for (const document of shrinkDocument(this.#schema, operation)) {
      const operationName = operationsOf(document).length > 1 ? operation.operationName : undefined;
      yield new Value(toOperation(document, operationName, operation.variables), undefined);
    }
    for (const name of Object.keys(operation.variables)) {
      const { [name]: _dropped, ...variables } = operation.variables;
      const isRequired = definitionsOf(operation.document).some(
        ({ variable, type }) => variable.name.value === name && type.kind === Kind.NON_NULL_TYPE,
      );
      if (!isRequired) {
        yield new Value(toOperation(operation.document, operation.operationName, variables), undefined);
      }
    }
  }
}

const toDefinition = ({ name, type, defaultValue }: RandomVariable): VariableDefinitionNode => ({
  kind: Kind.VARIABLE_DEFINITION,
  variable: { kind: Kind.VARIABLE, name: { kind: Kind.NAME, value: name } },
  type: parseType(String(type), { noLocation: true }),
  ...(defaultValue && { defaultValue }),
});

const valuesOf = (variables: readonly RandomVariable[]): Record<string, unknown> =>
  Object.fromEntries(
    variables.filter((variable) => 'value' in variable).map(({ name, value }) => [name, value]),
  );

const definitionsOf = (document: DocumentNode, operationName?: string): readonly VariableDefinitionNode[] =>
  operationsOf(document)
    .filter(({ name }) => operationName === undefined || name?.value === operationName)
    .flatMap(({ variableDefinitions = [] }) => variableDefinitions);

/** Keeps the variables that the operation declares. */
function toOperation(
  document: DocumentNode,
  operationName: string | undefined,
  values: Readonly<Record<string, unknown>>,
): RandomOperation {
  const declared = definitionsOf(document, operationName).map(({ variable }) => variable.name.value);
  const variables = Object.fromEntries(Object.entries(values).filter(([name]) => declared.includes(name)));
  const query = print(document);
  const operation = {
    query,
    ...(operationName !== undefined && { operationName }),
    variables,
    document,
  };
  // How fast-check prints a counterexample.
  return Object.assign(operation, { [toStringMethod]: () => describeOperation(operation) });
}

/** The request in a form that can be pasted into a test. */
export function describeOperation({
  query,
  operationName,
  variables,
}: Pick<RandomOperation, 'query' | 'variables'> & { readonly operationName?: string | undefined }): string {
  const name = operationName === undefined ? [] : [`# operationName: ${operationName}`];
  const values = Object.keys(variables).length === 0 ? [] : [`# variables: ${JSON.stringify(variables)}`];
  return ['', ...name, ...values, query, ''].join('\n');
}
