import {
  getNamedType,
  getNullableType,
  isAbstractType,
  isEnumType,
  isInputObjectType,
  isListType,
  isObjectType,
  isSpecifiedScalarType,
  Kind,
  typeFromAST,
  visit,
  type DocumentNode,
  type FieldNode,
  type GraphQLInputType,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLSchema,
  type OperationDefinitionNode,
  type SelectionSetNode,
  type ValueNode,
  type VariableDefinitionNode,
} from 'graphql';

/** Why something is left to graphql-js; never seen outside of this file. */
class NotCompilable extends Error {}

/**
 * Larger programs are not worth their memory. The compiler writes a field once for each type that its parent may have,
 * so that a short operation through nested interfaces can become a program of any size.
 */
const maxFields = 500;

/**
 * True for an operation that graphql-jit compiles into what graphql-js does. What it makes code of is checked here and
 * not believed: of what a client sends, nothing but names, numbers, booleans and enum values gets into a program, since
 * the library puts texts there in a way that can be escaped from (docs/decisions/0018).
 */
export function isCompilable(
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
): boolean {
  const root = schema.getRootType(operation.operation);
  if (!root) return false;
  try {
    refuseTexts(document);
    for (const definition of operation.variableDefinitions ?? []) checkVariable(schema, definition);
    new ProgramSize(schema, document).visitObject(root, operation.selectionSet, []);
    return true;
  } catch (error: unknown) {
    if (error instanceof NotCompilable) return false;
    throw error;
  }
}

/**
 * True for a schema whose operations may be compiled: the program's names for resolvers are made of a type and a field
 * without anything between them, and it waits for no type.
 */
export function hasCompilableTypes(schema: GraphQLSchema): boolean {
  const names = new Set<string>();
  for (const type of Object.values(schema.getTypeMap())) {
    if (isAbstractType(type) && isAsync(type.resolveType)) return false;
    if (!isObjectType(type)) continue;
    if (isAsync(type.isTypeOf)) return false;
    for (const field of Object.keys(type.getFields())) {
      if (names.has(type.name + field)) return false;
      names.add(type.name + field);
    }
  }
  return true;
}

const isAsync = (resolve: unknown): boolean =>
  typeof resolve === 'function' && resolve.constructor.name === 'AsyncFunction';

/** Wherever it stands, so that no place of the language is forgotten: a text in a program can be escaped from. */
function refuseTexts(document: DocumentNode): void {
  visit(document, {
    StringValue: () => {
      throw new NotCompilable();
    },
  });
}

/** Input objects are left out: the compiler has rules of its own for them. */
function checkVariable(
  schema: GraphQLSchema,
  { variable, type, defaultValue }: VariableDefinitionNode,
): void {
  const inputType = typeFromAST(schema, type) as GraphQLInputType | undefined;
  checkName(variable.name.value);
  if (!inputType || isInputObjectType(getNamedType(inputType))) throw new NotCompilable();
  if (defaultValue) checkValue(defaultValue, inputType);
}

/** The one name that means something to an object literal. */
function checkName(name: string): void {
  if (name === '__proto__') throw new NotCompilable();
}

/** A scalar of a schema's own may make anything of a literal, which would have to be written down as code. */
function checkValue(value: ValueNode, type: GraphQLInputType | undefined): void {
  if (value.kind === Kind.VARIABLE || value.kind === Kind.NULL) return;
  const named = type && getNullableType(type);
  const isNumber = value.kind === Kind.INT || value.kind === Kind.FLOAT || value.kind === Kind.BOOLEAN;
  const isPlain = isNumber
    ? isSpecifiedScalarType(named as never)
    : value.kind === Kind.ENUM && isEnumType(named) && named.getValue(value.value)?.value === value.value;
  if (!isPlain) throw new NotCompilable();
}

/** Walks through an operation as the compiler does, and gives up where a program would become too large or ambiguous. */
class ProgramSize {
  readonly #schema: GraphQLSchema;
  readonly #document: DocumentNode;
  /** What the compiler calls a place, by where it is. */
  readonly #places = new Map<string, string>();
  #fields = 0;

  constructor(schema: GraphQLSchema, document: DocumentNode) {
    this.#schema = schema;
    this.#document = document;
  }

  visitObject(type: GraphQLObjectType, set: SelectionSetNode, path: readonly string[]): void {
    for (const selection of set.selections) {
      // Counted as well: fragments within fragments multiply without a field.
      this.#count();
      if (selection.kind === Kind.FIELD) {
        this.#visitField(type, selection, path);
        continue;
      }
      const fragment =
        selection.kind === Kind.INLINE_FRAGMENT ? selection : this.#fragmentNamed(selection.name.value);
      if (this.#applies(fragment.typeCondition?.name.value, type))
        this.visitObject(type, fragment.selectionSet, path);
    }
  }

  #visitField(parent: GraphQLObjectType, node: FieldNode, path: readonly string[]): void {
    const name = node.alias?.value ?? node.name.value;
    checkName(name);
    if (node.name.value === '__typename') return;
    // Introspection is not there, which is large and rare.
    const field = parent.getFields()[node.name.value];
    if (!field) throw new NotCompilable();
    for (const argument of node.arguments ?? []) {
      checkValue(argument.value, field.args.find(({ name }) => name === argument.name.value)?.type);
    }
    this.#visitType(field.type, node.selectionSet, this.#enter([...path, name]));
  }

  #visitType(type: GraphQLOutputType, set: SelectionSetNode | undefined, path: readonly string[]): void {
    const nullable = getNullableType(type);
    if (isListType(nullable)) {
      const depth = path.filter((step) => /^idx\d+$/.test(step)).length;
      this.#visitType(nullable.ofType, set, this.#enter([...path, `idx${depth}`]));
    } else if (set && isAbstractType(nullable)) {
      for (const possible of this.#schema.getPossibleTypes(nullable)) {
        this.visitObject(possible, set, this.#enter([...path, possible.name]));
      }
    } else if (set && isObjectType(nullable)) {
      this.visitObject(nullable, set, path);
    }
  }

  /** The compiler tells places apart by their steps joined with "_", from the last one to the first. */
  #enter(path: readonly string[]): readonly string[] {
    const name = path.toReversed().join('_');
    const place = path.join('.');
    if ((this.#places.get(name) ?? place) !== place) throw new NotCompilable();
    this.#places.set(name, place);
    return path;
  }

  #count(): void {
    this.#fields += 1;
    if (this.#fields > maxFields) throw new NotCompilable();
  }

  #fragmentNamed(name: string) {
    for (const definition of this.#document.definitions) {
      if (definition.kind === Kind.FRAGMENT_DEFINITION && definition.name.value === name) return definition;
    }
    throw new NotCompilable();
  }

  #applies(condition: string | undefined, type: GraphQLObjectType): boolean {
    if (condition === undefined || condition === type.name) return true;
    const wider = this.#schema.getType(condition);
    return isAbstractType(wider) && this.#schema.isSubType(wider, type);
  }
}
