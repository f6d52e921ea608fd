import { sendJson, type Route } from '@tributary/subgraph-kit';

import type { TokenIssuer } from './token-issuer.ts';

/** Shorter than a gateway waits before it asks again for a key that it does not know. */
const maxAgeSeconds = 300;

/** `/.well-known/jwks.json`: the keys that tokens are checked with. */
export const createKeySetRoute =
  ({ keySet }: TokenIssuer): Route =>
  (_request, response) => {
    response.setHeader('cache-control', `public, max-age=${maxAgeSeconds}`);
    sendJson(response, 200, keySet);
  };
