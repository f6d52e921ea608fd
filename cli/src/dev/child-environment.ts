import type { DevKeys } from './dev-keys.ts';
import { compileCacheFolder } from './data-folder.ts';
import type { Databases } from './databases.ts';
import type { DevSettings, DevSubgraph, LocalSubgraph } from './dev-settings.ts';

/** Settings that this start decides for each child; neither form of them is inherited. */
const decidedHere = [
  'PORT',
  'DATABASE_URL',
  'SUPERGRAPH',
  'IDENTITY_PRIVATE_KEY',
  'IDENTITY_PUBLIC_KEY',
  'JWT_PRIVATE_KEY',
  'JWT_JWKS_URL',
];

/** What users needs beyond the other subgraphs: it signs the tokens of clients. */
const tokenIssuer = 'users';

/** What posts needs beyond the others: its search reads what they own, at the common door. */
const searcher = 'posts';

const gatewayUrl = ({ gatewayPort, env }: DevSettings): string =>
  env['GATEWAY_URL'] ?? `http://127.0.0.1:${gatewayPort}/graphql`;

/** The environment of the gateway. */
export const gatewayEnvironment = (
  settings: DevSettings,
  keys: DevKeys,
  eventsUrl: string | undefined,
): NodeJS.ProcessEnv => ({
  ...commonEnvironment(settings, eventsUrl),
  PORT: String(settings.gatewayPort),
  SUPERGRAPH: settings.supergraphFile,
  IDENTITY_PRIVATE_KEY: keys.identityPrivateKey,
  ...jwksUrl(settings),
});

/** The environment of a subgraph: the only one that knows its database. */
export const subgraphEnvironment = (
  settings: DevSettings,
  keys: DevKeys,
  name: string,
  { port }: LocalSubgraph,
  { urlOf, eventsUrl }: Pick<Databases, 'urlOf' | 'eventsUrl'>,
): NodeJS.ProcessEnv => ({
  SEED: 'jsonplaceholder',
  ...commonEnvironment(settings, eventsUrl),
  PORT: String(port),
  DATABASE_URL: urlOf(name),
  IDENTITY_PUBLIC_KEY: keys.identityPublicKey,
  ...(name === searcher && { GATEWAY_URL: gatewayUrl(settings) }),
  ...(name === tokenIssuer && { JWT_PRIVATE_KEY: keys.jwtPrivateKey }),
});

function commonEnvironment(settings: DevSettings, eventsUrl: string | undefined): NodeJS.ProcessEnv {
  const inherited = Object.entries(settings.env).filter(([name]) => {
    const setting = name.replace(/_FILE$/, '');
    return !decidedHere.includes(setting) && !setting.endsWith('_DATABASE_URL');
  });
  const issuer = issuerOrigin(settings);
  return {
    NODE_ENV: 'development',
    HOST: settings.host,
    NODE_COMPILE_CACHE: compileCacheFolder(settings.dataFolder),
    APOLLO_TELEMETRY_DISABLED: '1',
    ...(issuer !== undefined && { JWT_ISSUER: issuer }),
    ...(eventsUrl !== undefined && { EVENTS_URL: eventsUrl }),
    ...Object.fromEntries(inherited),
  };
}

function jwksUrl(settings: DevSettings): NodeJS.ProcessEnv {
  const issuer = issuerOrigin(settings);
  const url = settings.env['JWT_JWKS_URL'] ?? (issuer && `${issuer}/.well-known/jwks.json`);
  return url === undefined ? {} : { JWT_JWKS_URL: url };
}

const issuerOrigin = ({ subgraphs }: DevSettings): string | undefined => {
  const users = subgraphs.find(({ name }: DevSubgraph) => name === tokenIssuer);
  return users && new URL(users.routingUrl).origin;
};
