import type { MemorySupergraph } from '@tributary/testkit';
import { serverAudits } from 'graphql-http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { startSmallSupergraph } from '../support/small-supergraph.ts';
import { startTestGateway, type TestGateway } from '../support/start-test-gateway.ts';

let supergraph: MemorySupergraph;
let gateway: TestGateway;

beforeAll(async () => {
  supergraph = await startSmallSupergraph();
  gateway = await startTestGateway(supergraph);
});
afterAll(async () => {
  await gateway?.stop();
  await supergraph?.stop();
});

const audits = serverAudits({ url: () => gateway.url });

describe('the audit of GraphQL over HTTP', () => {
  it('has 61 points', () => {
    expect(audits).toHaveLength(61);
  });

  it.each(audits.map((audit) => [audit.id, audit.name, audit] as const))(
    '%s %s',
    async (_id, _name, audit) => {
      const result = await audit.fn();
      expect(result.status === 'ok' ? 'ok' : result.reason).toBe('ok');
    },
  );
});
