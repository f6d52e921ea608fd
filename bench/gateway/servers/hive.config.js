// What Hive Gateway is told beyond its command line. Without SHARING, equal requests to a subgraph that are under way
// at the same time are each sent, as everybody else does; it shares them by default.
import { env } from 'node:process';

export const gatewayConfig = {
  propagateHeaders: {
    fromClientToSubgraphs({ request }) {
      const authorization = request.headers.get('authorization');
      return authorization ? { authorization } : undefined;
    },
  },
  ...(env.SHARING !== 'true' && {
    transportEntries: { '*.http': { options: { deduplicateInflightRequests: false } } },
  }),
};
