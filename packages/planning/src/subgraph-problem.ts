import type { Subgraph } from '@apollo/federation-internals';
import { GraphQLError, type ASTNode } from 'graphql';

/** An error as the composer makes them: with the code, and with the subgraph at the place. */
export function problem(
  subgraph: Subgraph,
  { sourceAST }: { readonly sourceAST?: ASTNode | undefined },
  code: string,
  sentence: readonly string[],
): GraphQLError {
  return new GraphQLError(`[${subgraph.name}] ${sentence.join(' ')}`, {
    ...(sourceAST && { nodes: [Object.assign({}, sourceAST, { subgraph: subgraph.name })] }),
    extensions: { code },
  });
}
