import { ApolloLink } from '@apollo/client';
import { OperationTypeNode } from 'graphql';
import { defer, EMPTY, filter, of, repeat, takeWhile, tap } from 'rxjs';

import { leavesGap, placeOf, resumeAfter } from './resume.ts';

/**
 * An Apollo Link that lets subscriptions go on where they were. Put it after the link that tries again and before the one
 * that sends: an operation that is sent again carries the cursor of its last result, and the gateway first sends what
 * was missed; so does one for which results were left out because the client read too slowly. For WebSockets use `resuming` of `@tributary/client/graphql-ws` beside it: that client reconnects by itself.
 *
 * @example
 * const link = ApolloLink.from([new RetryLink(), createResumeLink(), new HttpLink({ uri })]);
 */
export function createResumeLink(): ApolloLink {
  // The link that tries again sends the same operation; it is forgotten together with it.
  const cursors = new WeakMap<ApolloLink.Operation, string>();
  return new ApolloLink((operation, forward) => {
    if (operation.operationType !== OperationTypeNode.SUBSCRIPTION) return forward(operation);
    // Links may leave extensions out, and the one that sends by HTTP does so where nobody asks for them.
    operation.setContext(({ http }) => ({ http: { ...(http as object), includeExtensions: true } }));
    let isGap = false;
    const isWhole = (result: ApolloLink.Result): boolean => {
      isGap = leavesGap(placeOf(result), cursors.get(operation));
      return !isGap;
    };
    return defer(() => {
      operation.extensions = resumeAfter(operation.extensions, cursors.get(operation));
      return forward(operation).pipe(takeWhile(isWhole));
    }).pipe(
      repeat({ delay: () => (isGap ? of(true) : EMPTY) }),
      tap((result) => {
        const { cursor } = placeOf(result);
        if (cursor !== undefined) cursors.set(operation, cursor);
      }),
      filter((result) => !placeOf(result).opened),
    );
  });
}
