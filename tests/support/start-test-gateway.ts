import { generateKeyPairSync } from 'node:crypto';

import { readConfig, startGateway, type GatewayOptions, type RunningGateway } from '@tributary/gateway';
import { createLogger } from '@tributary/telemetry';
import { exportJWK, SignJWT } from 'jose';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** One line of the gateway's log. */
export type LogLine = Readonly<Record<string, unknown>> & { readonly level: string; readonly msg: string };

/** An answer of the endpoint, as a test looks at it. */
export interface GatewayAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: {
    readonly data?: Record<string, unknown> | null;
    readonly errors?: readonly {
      readonly message: string;
      readonly path?: readonly (string | number)[];
      readonly locations?: unknown;
      readonly extensions: Readonly<Record<string, unknown>>;
    }[];
  };
}

export interface TestGateway extends RunningGateway {
  /** Sends an operation by POST, as a client would. */
  query(
    query: string,
    options?: {
      readonly variables?: Record<string, unknown>;
      readonly headers?: Readonly<Record<string, string>>;
      readonly operationName?: string;
    },
  ): Promise<GatewayAnswer>;
  /** Everything that was logged so far. */
  readonly log: readonly LogLine[];
}

const { privateKey } = generateKeyPairSync('ed25519');
const identityPrivateKey = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();

/**
 * Starts a gateway in this process, on a free port, with its log kept.
 *
 * @param settings environment variables over the test defaults
 */
export async function startTestGateway(
  supergraph: { readonly file: string },
  settings: Readonly<Record<string, string>> = {},
  options: Omit<GatewayOptions, 'logger'> = {},
): Promise<TestGateway> {
  const log: LogLine[] = [];
  const config = readConfig({
    PORT: '0',
    SUPERGRAPH: supergraph.file,
    IDENTITY_PRIVATE_KEY: identityPrivateKey,
    // Nothing listens there: a test that uses tokens says where its keys are.
    JWT_JWKS_URL: 'http://127.0.0.1:9/jwks.json',
    ...settings,
  });
  const logger = createLogger({
    name: 'gateway',
    level: config.logLevel,
    destination: { write: (line) => void log.push(JSON.parse(line) as LogLine) },
  });
  const gateway = await startGateway(config, { ...options, logger });
  return {
    ...gateway,
    log,
    query: async (query, { variables, headers, operationName } = {}) => {
      const response = await fetch(gateway.url, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: JSON.stringify({ query, variables, operationName }),
      });
      const body = (await response.json()) as GatewayAnswer['body'];
      return { status: response.status, headers: response.headers, body };
    },
  };
}

/** Signs client tokens, and serves the keys that verify them. */
export async function startTokenIssuer() {
  const keys = generateKeyPairSync('ed25519');
  const jwk = { ...(await exportJWK(keys.publicKey)), kid: 'test', alg: 'EdDSA', use: 'sig' };
  let requests = 0;
  const server = createServer((_request, response) => {
    requests += 1;
    response.setHeader('content-type', 'application/json').end(JSON.stringify({ keys: [jwk] }));
  });
  const { promise, resolve } = Promise.withResolvers<void>();
  server.listen(0, '127.0.0.1', resolve);
  await promise;
  const jwksUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/jwks.json`;
  const sign = (claims: Record<string, unknown> = {}, { expiresIn = '5m', kid = 'test' } = {}) =>
    new SignJWT({ roles: ['USER'], scope: 'read:posts write:posts', ...claims })
      .setProtectedHeader({ alg: 'EdDSA', kid })
      .setIssuer('http://127.0.0.1:4001')
      .setAudience('tributary')
      .setSubject(typeof claims['sub'] === 'string' ? claims['sub'] : 'u1')
      .setIssuedAt()
      .setExpirationTime(expiresIn)
      .sign(keys.privateKey);
  const stop = () => {
    const closed = Promise.withResolvers<void>();
    server.close(() => closed.resolve());
    server.closeAllConnections();
    return closed.promise;
  };
  return { jwksUrl, sign, requestCount: () => requests, stop };
}
