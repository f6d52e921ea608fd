// What Hive Gateway is told beyond its command line, where a measurement asks for it: without SHARING, equal requests to a
// subgraph that are under way at the same time are each sent (by default it shares them).
import { env } from 'node:process';

const separateRequests = {
  transportEntries: { '*.http': { options: { deduplicateInflightRequests: false } } },
};

const forwardedIdentity = {
  propagateHeaders: {
    fromClientToSubgraphs({ request }) {
      const authorization = request.headers.get('authorization');
      return authorization ? { authorization } : undefined;
    },
  },
};

export const gatewayConfig = {
  ...(env.SHARING !== 'true' && separateRequests),
  ...(env.FORWARDS_IDENTITY === 'true' && forwardedIdentity),
};
