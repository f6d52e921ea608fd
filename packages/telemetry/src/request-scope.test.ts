import { expect, it } from 'vitest';

import { currentRequest, runInRequest } from './request-scope.ts';

it('keeps requests that run at the same time apart', async () => {
  const ids = ['request-a', 'request-b'];
  const seen = await Promise.all(
    ids.map((requestId) =>
      runInRequest({ requestId }, async () => {
        await new Promise(setImmediate);
        return currentRequest()?.requestId;
      }),
    ),
  );
  expect(seen).toEqual(ids);
  expect(currentRequest()).toBeUndefined();
});
