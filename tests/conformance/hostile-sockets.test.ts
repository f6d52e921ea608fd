import type { Socket } from 'node:net';

import * as fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';

import { openReadySocket, type TestSocket } from '../support/open-socket.ts';
import { startTransports, type RunningTransports } from '../support/start-transports.ts';

let transports: RunningTransports;
let bystander: TestSocket;
beforeAll(async () => {
  transports = await startTransports({ env: { MAX_MESSAGES_PER_SECOND: '1000', MAX_MESSAGE_BYTES: '4096' } });
  bystander = await openReadySocket(transports.wsUrl);
});
afterAll(() => transports?.stop());

const id = fc.oneof(
  fc.string(),
  fc.constantFrom('1', '__proto__', 'constructor', 'toString', '\u0000', '"', '\uD800'),
  fc.jsonValue(),
);
const payload = fc.oneof(
  fc.jsonValue(),
  fc.record({
    query: fc.constantFrom('subscription { a }', 'query { a }', 'nonsense', ''),
    variables: fc.jsonValue(),
    operationName: fc.jsonValue(),
    extensions: fc.jsonValue(),
  }),
  fc.record({ authorization: fc.jsonValue(), authToken: fc.jsonValue(), headers: fc.jsonValue() }),
);
const message = fc.oneof(
  fc.record(
    {
      type: fc.oneof(
        { weight: 9, arbitrary: fc.constantFrom('connection_init', 'subscribe', 'complete', 'ping', 'pong') },
        fc.jsonValue(),
      ),
      id,
      payload,
    },
    { requiredKeys: ['type'] },
  ),
  fc.jsonValue(),
);

/** What is left of a test must be nothing but the one who looks on. */
const onlyBystander = async (): Promise<void> => {
  bystander.send({ type: 'ping' });
  expect(await bystander.message()).toEqual({ type: 'pong' });
  await expect.poll(() => transports.connections.size).toBe(1);
  expect(transports.counts.running).toBe(0);
  expect(transports.log.filter(({ level }) => level === 'fatal')).toEqual([]);
};

it('ends what does not keep to the protocol, and nobody else, whatever the messages', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(message, { maxLength: 12 }), async (messages) => {
      const hostile = await openReadySocket(transports.wsUrl);
      for (const each of messages) hostile.send(JSON.stringify(each));
      hostile.socket.close();
      const { code } = await hostile.closed;
      // 1005 is the client's own close.
      expect([1005, 4400, 4403, 4409, 4429]).toContain(code);
    }),
    { numRuns: 150 },
  );
  await onlyBystander();
});

it('ends a socket alone, whatever the bytes on it', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.uint8Array({ minLength: 1, maxLength: 200 }), { maxLength: 5 }),
      async (chunks) => {
        const hostile = await openReadySocket(transports.wsUrl);
        const { _socket: wire } = hostile.socket as unknown as { _socket: Socket };
        for (const chunk of chunks) wire.write(chunk);
        wire.end();
        await hostile.closed;
      },
    ),
    { numRuns: 150 },
  );
  await onlyBystander();
  expect(bystander.socket.readyState).toBe(bystander.socket.OPEN);
});
