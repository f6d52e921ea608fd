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
import { onceForEach } from '../once-for-each.ts';
import { createDocumentCache, type DocumentCache } from '../operations/document-cache.ts';
import { refuseLargeDocument, type DocumentLimits } from '../operations/limit-document.ts';
import { operationsOf, withCode, type Operation } from '../operations/prepare-document.ts';

// Apollo Server keeps documents in a store, so most come as the object that they were the last time. Only the text hangs on
// it: its store knows nothing of the memory that everything else takes.
const textOf = onceForEach((document: DocumentNode) => print(document));

/**
 * The operations of documents that Apollo Server has parsed and validated. A document that comes again gives the same
 * operations again, which is what everything that is compiled for an operation is kept by.
 */
export class ServedOperations {
  readonly #schema: GraphQLSchema;
  readonly #limits: DocumentLimits;
  // By text: its store may be off, and a plugin may put another document in place of the one that came.
  readonly #operations: DocumentCache<readonly Operation[]>;

  /** @param maxBytes roughly, of the operations and all that was made of them @default 192 MiB */
  constructor(schema: GraphQLSchema, limits: DocumentLimits, maxBytes?: number) {
    this.#schema = schema;
    this.#limits = limits;
    this.#operations = createDocumentCache(maxBytes);
  }

  /**
   * @param validatedOn where the document was found to be valid; a new supergraph may have come in between
   * @throws {RequestErrors} when it does not fit this schema
   * @throws {BadRequest} for what cannot be answered in one piece
   * @throws {OperationTooComplex} for more than can be planned
   */
  of(document: DocumentNode, validatedOn: GraphQLSchema): readonly Operation[] {
    const text = textOf(document);
    return this.#operations.get(text) ?? this.#take(document, text, validatedOn);
  }

  /** Says what was made of the operations of a text since, which is kept for as long as they are. */
  weigh(text: string, bytesOf: (operation: Operation) => number): void {
    this.#operations.weigh(text, (operations) =>
      operations.reduce((total, operation) => total + bytesOf(operation), 0),
    );
  }

  #take(document: DocumentNode, text: string, validatedOn: GraphQLSchema): readonly Operation[] {
    if (validatedOn !== this.#schema) refuseInvalid(document, this.#schema);
    refuseStreams(document);
    refuseLargeDocument(document, this.#limits);
    const operations = operationsOf(document, text);
    this.#operations.set(text, operations);
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
