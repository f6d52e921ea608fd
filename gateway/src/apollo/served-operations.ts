import {
  Kind,
  OperationTypeNode,
  print,
  specifiedRules,
  validate,
  visit,
  type DirectiveNode,
  type DocumentNode,
  type GraphQLSchema,
} from 'graphql';

import { BadRequest } from '../errors/gateway-errors.ts';
import { RequestErrors } from '../operations/coerce-variables.ts';
import { createDocumentCache } from '../operations/document-cache.ts';
import { refuseLargeDocument, type DocumentLimits } from '../operations/limit-document.ts';
import { operationsOf, withCode, type Operation } from '../operations/prepare-document.ts';

/**
 * The operations of documents that Apollo Server has parsed and validated. A document that comes again gives the same
 * operations again, which is what everything that is compiled for an operation is kept by.
 */
export class ServedOperations {
  readonly #schema: GraphQLSchema;
  readonly #limits: DocumentLimits;
  // Apollo Server keeps documents in a store, so most come as the object that they were the last time.
  readonly #byDocument = new WeakMap<DocumentNode, readonly Operation[]>();
  // Its store may be off, and a plugin may put another document in place of the one that came.
  readonly #byText = createDocumentCache<readonly Operation[]>();

  constructor(schema: GraphQLSchema, limits: DocumentLimits) {
    this.#schema = schema;
    this.#limits = limits;
  }

  /**
   * @param validatedOn where the document was found to be valid; a new supergraph may have come in between
   * @throws {RequestErrors} when it does not fit this schema
   * @throws {BadRequest} for what cannot be answered in one piece
   * @throws {OperationTooComplex} for more than can be planned
   */
  of(document: DocumentNode, validatedOn: GraphQLSchema): readonly Operation[] {
    const known = this.#byDocument.get(document);
    if (known) return known;
    const operations = this.#find(document, validatedOn);
    this.#byDocument.set(document, operations);
    return operations;
  }

  #find(document: DocumentNode, validatedOn: GraphQLSchema): readonly Operation[] {
    const text = print(document);
    const known = this.#byText.get(text);
    if (known) return known;
    if (validatedOn !== this.#schema) refuseInvalid(document, this.#schema);
    refuseStreams(document);
    refuseLargeDocument(document, this.#limits);
    const operations = operationsOf(document, text);
    this.#byText.set(text, operations);
    return operations;
  }
}

function refuseInvalid(document: DocumentNode, schema: GraphQLSchema): void {
  const errors = validate(schema, document, specifiedRules);
  if (errors.length === 0) return;
  throw new RequestErrors(errors.map((error) => withCode(error, 'GRAPHQL_VALIDATION_FAILED')));
}

/** A gateway gives Apollo Server one result, and no way to send another after it. */
function refuseStreams(document: DocumentNode): void {
  visit(document, {
    OperationDefinition: ({ operation }) => {
      if (operation !== OperationTypeNode.SUBSCRIPTION) return;
      throw new BadRequest(
        'Expected a query or a mutation, but got a subscription: Apollo Server has none of a gateway',
      );
    },
    Directive: (directive) => {
      const name = directive.name.value;
      if ((name !== 'defer' && name !== 'stream') || isOff(directive)) return;
      throw new BadRequest(
        `Expected an operation without @${name}: a gateway inside Apollo Server answers in one piece`,
      );
    },
  });
}

const isOff = ({ arguments: args = [] }: DirectiveNode): boolean =>
  args.some(({ name, value }) => name.value === 'if' && value.kind === Kind.BOOLEAN && !value.value);
