import {
  Kind,
  Lexer,
  OperationTypeNode,
  Source,
  TokenKind,
  type DocumentNode,
  type FragmentDefinitionNode,
  type SelectionSetNode,
} from 'graphql';

import { OperationTooComplex, tooMany } from '../errors/gateway-errors.ts';

/**
 * What a document may ask of validation and planning. Both run on the thread that answers everybody, and both take
 * more than linear time, so a document must be refused before them and not by a deadline.
 */
export interface DocumentLimits {
  /** Names, marks and values in the text. */
  readonly maxTokens: number;
  /** Selections within selections, and brackets within brackets. */
  readonly maxDepth: number;
  /** Fields of one operation or fragment, with each fragment counted as often as it is used. */
  readonly maxFields: number;
  /** Fields of a query that stand at its top. */
  readonly maxRootFields: number;
  /** The same of a mutation: each of them is a step of its own in the plan, run one after the other. */
  readonly maxMutationFields: number;
  /** Operations of one text: validation goes through all fragments for each of them. */
  readonly maxOperations: number;
  /**
   * Fields of `__schema` and `__type`, with all that is selected in them: each is answered for every type or field of the
   * schema, so they take far longer than others. What tools ask has 230 of them.
   */
  readonly maxIntrospectionFields: number;
}

export const defaultDocumentLimits: DocumentLimits = {
  maxTokens: 15_000,
  maxDepth: 50,
  maxFields: 1000,
  maxRootFields: 200,
  maxMutationFields: 50,
  maxOperations: 50,
  maxIntrospectionFields: 300,
};

// The fields of all types are two. A third would be answered for each pair of fields that meet in a type; graphql-js has
// the same rule, and does not count `types`.
const maxIntrospectionLists = 2;
const introspectionRoots: ReadonlySet<string> = new Set(['__schema', '__type']);
const introspectionLists: ReadonlySet<string> = new Set([
  'types',
  'fields',
  'interfaces',
  'possibleTypes',
  'inputFields',
]);

const opening: ReadonlySet<TokenKind> = new Set([TokenKind.BRACE_L, TokenKind.BRACKET_L, TokenKind.PAREN_L]);
const closing: ReadonlySet<TokenKind> = new Set([TokenKind.BRACE_R, TokenKind.BRACKET_R, TokenKind.PAREN_R]);

/**
 * Refuses a text that is too long or too deep to be parsed: the parser calls itself for every bracket.
 *
 * @throws {CodedError} OPERATION_TOO_COMPLEX, with `limit` in the extensions
 * @throws {GraphQLError} for a text with characters that GraphQL does not have
 */
export function refuseLargeText(text: string, { maxTokens, maxDepth }: DocumentLimits): void {
  const lexer = new Lexer(new Source(text));
  let [tokens, depth] = [0, 0];
  for (let { kind } = lexer.advance(); kind !== TokenKind.EOF; { kind } = lexer.advance()) {
    tokens += 1;
    if (tokens > maxTokens) throw tooMany('tokens', maxTokens);
    if (opening.has(kind)) depth += 1;
    if (closing.has(kind)) depth -= 1;
    if (depth > maxDepth) throw tooMany('levels of brackets', maxDepth);
  }
}

/**
 * Refuses a document that would be too large with its fragments written out. Fragments are counted once, however
 * often they are used: twenty that each use the next one twice stand for a million fields.
 *
 * @example refuseLargeDocument(parse('{ a { ...F } } fragment F on A { b c }'), { ...limits, maxFields: 2 })
 * // Expected an operation with at most 2 fields (fragments written out), but got 3
 * @throws {CodedError} OPERATION_TOO_COMPLEX, with `limit` and `score` in the extensions
 */
export function refuseLargeDocument(document: DocumentNode, limits: DocumentLimits): void {
  refuseManyOperations(document, limits.maxOperations);
  const measure = createMeasure(document, limits.maxDepth);
  for (const definition of document.definitions) {
    if (definition.kind !== Kind.OPERATION_DEFINITION && definition.kind !== Kind.FRAGMENT_DEFINITION)
      continue;
    const { fields, topFields, introspectionFields } = measure(definition.selectionSet, 1);
    refuseAbove('fields (fragments written out)', limits.maxFields, fields);
    refuseAbove('fields about the schema', limits.maxIntrospectionFields, introspectionFields);
    if (definition.kind === Kind.FRAGMENT_DEFINITION) continue;
    if (definition.operation === OperationTypeNode.MUTATION) {
      refuseAbove('mutations', limits.maxMutationFields, topFields);
    }
    refuseAbove('fields at its top', limits.maxRootFields, topFields);
  }
}

function refuseManyOperations({ definitions }: DocumentNode, limit: number): void {
  const score = definitions.filter(({ kind }) => kind === Kind.OPERATION_DEFINITION).length;
  if (score <= limit) return;
  throw new OperationTooComplex(
    `Expected a document with at most ${limit} operations, but got ${score}`,
  ).with({ extensions: { limit, score } });
}

function refuseAbove(what: string, limit: number, score: number): void {
  if (score > limit) throw tooMany(what, limit, score);
}

interface Size {
  readonly fields: number;
  readonly topFields: number;
  readonly levels: number;
  /** Of the fields, those of `__schema` and `__type`. */
  readonly introspectionFields: number;
  /** Lists within lists, if this stands within `__schema` or `__type`. */
  readonly introspectionLists: number;
}

const nothing: Size = { fields: 0, topFields: 0, levels: 0, introspectionFields: 0, introspectionLists: 0 };

function createMeasure(document: DocumentNode, maxDepth: number) {
  const fragments = new Map(
    document.definitions
      .filter(
        (definition): definition is FragmentDefinitionNode => definition.kind === Kind.FRAGMENT_DEFINITION,
      )
      .map((fragment) => [fragment.name.value, fragment]),
  );
  const known = new Map<string, Size>();

  /** `level` is where the selections stand in the whole, which bounds the calls of this function as well. */
  const measure = (selectionSet: SelectionSetNode | undefined, level: number): Size => {
    if (!selectionSet) return nothing;
    refuseAbove('levels', maxDepth, level);
    let [fields, topFields, levels, introspectionFields, lists] = [0, 0, 0, 0, 0];
    for (const selection of selectionSet.selections) {
      const inner =
        selection.kind === Kind.FRAGMENT_SPREAD
          ? measureFragment(selection.name.value, level)
          : measure(selection.selectionSet, level + 1);
      const isField = selection.kind === Kind.FIELD;
      const isAboutSchema = isField && introspectionRoots.has(selection.name.value);
      const isList = isField && introspectionLists.has(selection.name.value);
      if (isAboutSchema)
        refuseAbove('levels of lists about the schema', maxIntrospectionLists, inner.introspectionLists);
      fields += inner.fields + (isField ? 1 : 0);
      topFields += isField ? 1 : inner.topFields;
      levels = Math.max(levels, inner.levels);
      introspectionFields += isAboutSchema ? inner.fields + 1 : inner.introspectionFields;
      lists = Math.max(lists, inner.introspectionLists + (isList ? 1 : 0));
    }
    return { fields, topFields, levels: levels + 1, introspectionFields, introspectionLists: lists };
  };

  const measureFragment = (name: string, level: number): Size => {
    const size = known.get(name);
    if (size) {
      refuseAbove('levels', maxDepth, level + size.levels);
      return size;
    }
    // A fragment within itself counts as nothing here: validation has a sentence for that.
    known.set(name, nothing);
    const measured = measure(fragments.get(name)?.selectionSet, level + 1);
    known.set(name, measured);
    return measured;
  };

  return measure;
}
