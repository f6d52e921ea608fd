import { Supergraph } from '@apollo/federation-internals';
import type { GraphQLSchema } from 'graphql';

export interface ApiSchemaOptions {
  /** Declares `@defer`, for a gateway that can answer in parts. @default false */
  readonly includeDefer?: boolean;
}

/**
 * The schema that clients see: the supergraph without its joins and without what is `@inaccessible`.
 *
 * @example printSchema(apiSchema(supergraphSdl)) // type Query { post(id: ID!): Post …
 */
export function apiSchema(
  supergraphSdl: string,
  { includeDefer = false }: ApiSchemaOptions = {},
): GraphQLSchema {
  // All features: what needs a newer gateway is still part of the schema.
  const supergraph = Supergraph.build(supergraphSdl, { supportedFeatures: null });
  return supergraph.apiSchema().toGraphQLJSSchema({ includeDefer });
}
