import { createPrivateKey } from 'node:crypto';

import { readEventsUrl } from '@tributary/event-log';
import { checkConfig, type Environment, type SettingsReader } from '@tributary/config';
import { logLevels } from '@tributary/telemetry';

import { readForwardedHeaders } from './http/forwarded-headers.ts';
import { defaultDocumentLimits } from './operations/limit-document.ts';
import { readConnectionSettings } from './subscriptions/read-connection-settings.ts';
import { readClientSettings } from './subgraph-client/read-client-settings.ts';

/** Everything that a gateway can be told, checked and frozen. */
export type GatewayConfig = ReturnType<typeof readConfig>;

/**
 * Reads the settings of a gateway; docs/operations.md lists them.
 *
 * @throws {ConfigError} one message with every problem
 */
export const readConfig = (env: Environment) =>
  checkConfig(env, (read) => {
    // Whatever helps a developer helps an attacker as well, so production turns it off all at once.
    const isDevelopment = read.string('NODE_ENV', { default: 'development' }) !== 'production';
    return {
      isDevelopment,
      host: read.string('HOST', { default: '127.0.0.1' }),
      port: read.integer('PORT', { default: 4000, min: 0, max: 65_535 }),
      logLevel: read.oneOf('LOG_LEVEL', logLevels, { default: 'info' }),
      engine: read.oneOf('ENGINE', ['tributary', 'apollo'], { default: 'tributary' }),
      supergraph: read.string('SUPERGRAPH'),
      overrideLabels: read.list('OVERRIDE_LABELS', { default: [] }),
      warmUp: {
        operations: read.integer('WARM_UP_OPERATIONS', { default: 200, min: 0 }),
        timeoutMs: read.integer('WARM_UP_TIMEOUT_MS', { default: 10_000, min: 1 }),
      },
      subgraphUrls: readSubgraphUrls(read),
      watchesSupergraph: read.boolean('SUPERGRAPH_WATCH', { default: isDevelopment }),
      introspection: read.boolean('INTROSPECTION', { default: isDevelopment }),
      graphiql: read.boolean('GRAPHIQL', { default: isDevelopment }),
      corsOrigins: readCorsOrigins(read, isDevelopment ? anyPortOfThisMachine : []),
      maxBodyBytes: read.integer('MAX_BODY_BYTES', { default: 1_048_576, min: 1024 }),
      documentLimits: {
        maxTokens: read.integer('MAX_TOKENS', { default: defaultDocumentLimits.maxTokens, min: 1 }),
        // The parser and the planner call themselves for every level: far above this they run out of stack.
        maxDepth: read.integer('MAX_DEPTH', { default: defaultDocumentLimits.maxDepth, min: 1, max: 200 }),
        maxFields: read.integer('MAX_FIELDS', { default: defaultDocumentLimits.maxFields, min: 1 }),
        maxRootFields: read.integer('MAX_ROOT_FIELDS', {
          default: defaultDocumentLimits.maxRootFields,
          min: 1,
        }),
        maxOperations: read.integer('MAX_OPERATIONS', {
          default: defaultDocumentLimits.maxOperations,
          min: 1,
        }),
        maxMutationFields: read.integer('MAX_MUTATION_FIELDS', {
          default: defaultDocumentLimits.maxMutationFields,
          min: 1,
        }),
        maxIntrospectionFields: read.integer('MAX_INTROSPECTION_FIELDS', {
          default: defaultDocumentLimits.maxIntrospectionFields,
          min: 1,
        }),
      },
      planning: {
        workers: read.integer('PLANNING_THREADS', { default: 3, min: 2, max: 64 }),
        deadlineMs: read.integer('PLANNING_TIMEOUT_MS', { default: 10_000, min: 1 }),
        // A few short queries on wide interfaces fill whatever a thread is given.
        heapMb: read.integer('PLANNING_HEAP_MB', { default: 512, min: 64 }),
      },
      operationCacheBytes: read.integer('OPERATION_CACHE_MB', { default: 256, min: 16 }) * 2 ** 20,
      bodyTimeoutMs: read.integer('BODY_TIMEOUT_MS', { default: 10_000, min: 1 }),
      requestTimeoutMs: read.integer('REQUEST_TIMEOUT_MS', { default: 30_000, min: 1 }),
      subgraphClient: readClientSettings(read),
      forwardedHeaders: readForwardedHeaders(read),
      connections: readConnectionSettings(read),
      /** Where events come from; absent when there is no log. */
      eventsUrl: readEventsUrl(read),
      /** Where gateways count what they hold together; absent when each counts alone. */
      redisUrl: read.optionalString('REDIS_URL'),
      delivery: {
        maxQueueBytes: read.integer('SUBSCRIBER_QUEUE_BYTES', { default: 262_144, min: 1024 }),
        whenSlow: read.oneOf('SLOW_SUBSCRIBERS', ['drop', 'close'], { default: 'drop' }),
      },
      /** How long a subscription may wait for a result; 0 for ever. */
      subscriptionInactivityMs: read.integer('SUBSCRIPTION_INACTIVITY_MS', { default: 0, min: 0 }),
      overheadWarningPercent: read.integer('OVERHEAD_WARNING_PERCENT', { default: 50, min: 1, max: 100 }),
      drainTimeoutMs: read.integer('DRAIN_TIMEOUT_MS', { default: 10_000, min: 0 }),
      /** Lets those who run the gateway look into it; absent when nobody may. */
      operatorToken: readOperatorToken(read),
      healthIntervalMs: read.integer('HEALTH_INTERVAL_MS', { default: 30_000, min: 100 }),
      identityPrivateKey: readPrivateKey(read),
      jwt: {
        jwksUrl: read.url('JWT_JWKS_URL', {
          default: 'http://127.0.0.1:4001/.well-known/jwks.json',
          protocols: ['http', 'https'],
        }),
        issuer: read.string('JWT_ISSUER', { default: 'http://127.0.0.1:4001' }),
        audience: read.string('JWT_AUDIENCE', { default: 'tributary' }),
      },
    };
  });

const anyPortOfThisMachine = ['http://localhost:*', 'http://127.0.0.1:*'];

/** An origin that no browser ever sends would let nobody in, and nobody would know why. */
function readCorsOrigins(read: SettingsReader, byDefault: readonly string[]): readonly string[] {
  const origins = read.list('CORS_ORIGINS', { default: byDefault });
  if (origins.length === 1 && origins[0] === '*') return origins;
  for (const origin of origins.filter((each) => !isOrigin(each))) {
    read.refuse(`CORS_ORIGINS must be * alone or a list of https://host[:port], but got "${origin}"`);
  }
  return origins;
}

function isOrigin(text: string): boolean {
  const withPort = text.replace(/:\*$/, ':1');
  const url = URL.parse(withPort);
  return url !== null && /^https?:$/.test(url.protocol) && url.origin === withPort;
}

/** The same supergraph runs in several environments; where its subgraphs are is a matter of each. */
function readSubgraphUrls(read: SettingsReader): Readonly<Record<string, string>> {
  const entries = read.list('SUBGRAPH_URLS', { default: [] });
  return Object.fromEntries(
    entries.map((entry) => {
      const [, name, url] = /^([^=]+)=(.+)$/.exec(entry) ?? [];
      const isAddress = name !== undefined && /^https?:$/.test(URL.parse(url ?? '')?.protocol ?? '');
      if (!isAddress) read.refuse(`SUBGRAPH_URLS must be a list of name=http://…, but got "${entry}"`);
      return [name ?? entry, url ?? ''];
    }),
  );
}

/** Short enough to be tried out is as good as none. */
const readOperatorToken = (read: SettingsReader): string | undefined =>
  read.optionalString('OPERATOR_TOKEN') === undefined
    ? undefined
    : read.secret('OPERATOR_TOKEN', { minLength: 16 });

/** Environments that cannot hold line breaks write them as `\n`. */
function readPrivateKey(read: SettingsReader): string {
  const name = 'IDENTITY_PRIVATE_KEY';
  const pem = read.secret(name)?.replaceAll(String.raw`\n`, '\n');
  if (pem !== undefined && !isEd25519(pem)) {
    read.refuse(`${name} must be an Ed25519 private key in PKCS#8 PEM, but got something else`);
  }
  return pem;
}

function isEd25519(pem: string): boolean {
  try {
    return createPrivateKey(pem).asymmetricKeyType === 'ed25519';
  } catch {
    return false;
  }
}
