import { ErrorTracker } from '@tributary/errors';
import { createLogger } from '@tributary/telemetry';
import { buildSchema } from 'graphql';
import { afterEach, describe, expect, it } from 'vitest';

import { Cancellation } from './cancellation.ts';
import type { ExecutableOperation, ExecutionRequest, PlanRequest } from './engine/engine.ts';
import { createErrorLog } from './errors/log-errors.ts';
import { createCors } from './http/cors.ts';
import { anonymous } from './identity/principal.ts';
import { createPipeline } from './pipeline/pipeline.ts';
import { createGraphQLRoute } from './routes.ts';
import { startServer, type RunningServer } from './server.ts';
import { Generation } from './supergraph/generation.ts';
import type { Supergraph } from './supergraph/read-supergraph.ts';

let server: RunningServer | undefined;
afterEach(() => server?.stop());

/** The endpoint with an engine of the test's own. */
const start = async (
  execute: (request: PlanRequest & ExecutionRequest) => ReturnType<ExecutableOperation['execute']>,
  { isDevelopment = false, ...parts }: { isDevelopment?: boolean; verifyToken?: () => never } = {},
) => {
  const log: Record<string, unknown>[] = [];
  const logger = createLogger({
    name: 'gateway',
    destination: { write: (line) => void log.push(JSON.parse(line) as Record<string, unknown>) },
  });
  const engine = {
    schema: buildSchema('type Query { a: Int }'),
    overrideLabelsOf: () => [],
    plan: (planned: PlanRequest) => ({
      execute: (request: ExecutionRequest) => execute({ ...planned, ...request }),
    }),
    stop: async () => {},
  };
  const generation = new Generation({ id: 'g1' } as Supergraph, engine, {
    authorizer: { needsOf: () => ({ requirements: [], policies: [] }), refusalsFor: () => undefined },
    introspection: true,
  });
  const pipeline = createPipeline({
    isDevelopment,
    maxBodyBytes: 10_000,
    bodyTimeoutMs: 1000,
    verifyToken: () => anonymous,
    signIdentity: (_principal, subgraph) => `signed for ${subgraph}`,
    supergraph: { current: () => generation },
    logErrors: createErrorLog(logger),
    errorTracker: new ErrorTracker(),
    ...parts,
  });
  const route = createGraphQLRoute({
    pipeline,
    cors: createCors([]),
    graphiql: undefined,
    observers: [],
    requestTimeoutMs: 1000,
    isDevelopment: true,
  });
  server = await startServer({
    host: '127.0.0.1',
    port: 0,
    drainTimeoutMs: 0,
    logger,
    routes: { '/graphql': route },
  });
  const url = `${server.url}/graphql`;
  const ask = async () => {
    const response = await fetch(`${url}?query={a}`, { headers: { 'x-request-id': 'request-1' } });
    return { status: response.status, body: (await response.json()) as unknown };
  };
  return { ask, log, generation };
};

const broken = async () => {
  throw new TypeError('secret of the inside');
};

describe('the endpoint', () => {
  it('hands the engine the operation and what its fetches carry', async () => {
    const seen: (PlanRequest & ExecutionRequest)[] = [];
    const { ask } = await start(async (request) => {
      seen.push(request);
      return { data: '{"a":1}', errors: [] };
    });
    expect(await ask()).toEqual({ status: 200, body: { data: { a: 1 } } });
    expect(seen[0]?.client?.()).toBe('from 127.0.0.1');
    expect(seen).toEqual([
      {
        client: expect.any(Function),
        operation: expect.objectContaining({ type: 'query', name: undefined, text: '{a}' }),
        overrideLabels: [],
        defers: false,
        variables: {},
        coercedVariables: {},
        fetchContext: {
          requestId: 'request-1',
          traceparent: undefined,
          identityFor: expect.any(Function),
          identityProjection: '',
          signal: expect.any(Cancellation),
        },
      },
    ]);
    expect(await seen[0]?.fetchContext.identityFor?.('posts')).toBe('signed for posts');
  });

  it('answers 500 and nothing of the inside when something unforeseen fails, and logs it whole', async () => {
    const { ask, log } = await start(broken);
    expect(await ask()).toEqual({
      status: 500,
      body: {
        errors: [
          {
            message: 'Internal server error',
            extensions: {
              code: 'INTERNAL_SERVER_ERROR',
              timestamp: expect.any(String),
              requestId: 'request-1',
            },
          },
        ],
      },
    });
    expect(log).toEqual([
      expect.objectContaining({
        level: 'fatal',
        requestId: 'request-1',
        err: expect.objectContaining({ type: 'TypeError', message: 'secret of the inside' }),
      }),
    ]);
  });

  it('shows the inside in development', async () => {
    const { ask } = await start(broken, { isDevelopment: true });
    expect(await ask()).toMatchObject({
      body: { errors: [{ extensions: { debug: { message: 'secret of the inside' } } }] },
    });
  });

  it('goes no further than the stage that refuses', async () => {
    let executed = 0;
    const { ask } = await start(
      async () => {
        executed += 1;
        return { data: 'null', errors: [] };
      },
      {
        verifyToken: () => {
          throw new Error('refused');
        },
      },
    );
    expect((await ask()).status).toBe(500);
    expect(executed).toBe(0);
  });

  it('lets go of its supergraph when the answer is written, also after a failure', async () => {
    const { ask, generation } = await start(broken);
    await ask();
    await expect(generation.retire()).resolves.toBeUndefined();
  });
});
