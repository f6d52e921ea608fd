import { generateKeyPairSync } from 'node:crypto';

import { describe, expect, it } from 'vitest';

import { readConfig } from './config.ts';

const pemOf = (key: { export(options: { type: 'pkcs8'; format: 'pem' }): string | Buffer }) =>
  key.export({ type: 'pkcs8', format: 'pem' }).toString();
const privateKey = pemOf(generateKeyPairSync('ed25519').privateKey);
const required = { SUPERGRAPH: 'supergraph.graphql', IDENTITY_PRIVATE_KEY: privateKey };

describe('readConfig', () => {
  it('opens what helps a developer, and closes all of it in production', () => {
    expect(readConfig(required)).toMatchObject({
      isDevelopment: true,
      introspection: true,
      graphiql: true,
      watchesSupergraph: true,
      corsOrigins: ['http://localhost:*', 'http://127.0.0.1:*'],
    });
    expect(readConfig({ ...required, NODE_ENV: 'production' })).toMatchObject({
      isDevelopment: false,
      introspection: false,
      graphiql: false,
      watchesSupergraph: false,
      corsOrigins: [],
    });
    expect(readConfig({ ...required, NODE_ENV: 'production', GRAPHIQL: 'on' }).graphiql).toBe(true);
  });

  it('takes a key whose line breaks are written as \\n', () => {
    const oneLine = privateKey.replaceAll('\n', String.raw`\n`);
    expect(readConfig({ ...required, IDENTITY_PRIVATE_KEY: oneLine }).identityPrivateKey).toBe(privateKey);
  });

  it('takes addresses of subgraphs that replace those of the supergraph', () => {
    const urls = { SUBGRAPH_URLS: 'users=http://users:4001/graphql, posts=https://posts/graphql?a=b' };
    expect(readConfig({ ...required, ...urls }).subgraphUrls).toEqual({
      users: 'http://users:4001/graphql',
      posts: 'https://posts/graphql?a=b',
    });
    expect(() => readConfig({ ...required, SUBGRAPH_URLS: 'users:4001' })).toThrow(
      'SUBGRAPH_URLS must be a list of name=http://…, but got "users:4001"',
    );
  });

  it('asks subgraphs plainly and shares what is equal, unless it is told otherwise', () => {
    expect(readConfig(required)).toMatchObject({
      forwardedHeaders: [],
      subgraphClient: {
        fetchTimeoutMs: 10_000,
        maxResponseBytes: 33_554_432,
        connections: 128,
        keepAliveMs: 4000,
        compression: [],
        sharing: true,
        retries: 1,
        breaker: { failures: 10, windowMs: 60_000, openMs: 1000 },
        tls: { ca: undefined, cert: undefined, key: undefined },
      },
    });
    const settings = {
      SUBGRAPH_SHARING: 'off',
      SUBGRAPH_COMPRESSION: 'zstd, br',
      FORWARDED_HEADERS: 'X-Tenant',
    };
    expect(readConfig({ ...required, ...settings })).toMatchObject({
      forwardedHeaders: ['x-tenant'],
      subgraphClient: { sharing: false, compression: ['zstd', 'br'] },
    });
  });

  it.each(['https://app.example/', 'app.example', '*,https://app.example', 'https://App.example', 'null'])(
    'refuses CORS_ORIGINS=%s, which no browser would ever send',
    (origins) => {
      expect(() => readConfig({ ...required, CORS_ORIGINS: origins })).toThrow(
        /^CORS_ORIGINS must be \* alone or a list of https:\/\/host\[:port\], but got "/,
      );
    },
  );

  it.each(['*', 'https://app.example,http://localhost:*', 'http://[::1]:3000', 'https://app.example:8443'])(
    'takes CORS_ORIGINS=%s',
    (origins) => {
      expect(readConfig({ ...required, CORS_ORIGINS: origins }).corsOrigins).toEqual(origins.split(','));
    },
  );

  it('names everything that is wrong, and no secret', () => {
    const rsa = pemOf(generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey);
    const act = () => readConfig({ IDENTITY_PRIVATE_KEY: rsa, ENGINE: 'warp', MAX_BODY_BYTES: '1' });
    expect(act).toThrow(
      'ENGINE must be one of tributary, apollo, but got "warp"; SUPERGRAPH is missing; ' +
        'MAX_BODY_BYTES must be an integer of at least 1024, but got "1"; ' +
        'IDENTITY_PRIVATE_KEY must be an Ed25519 private key in PKCS#8 PEM, but got something else',
    );
    expect(() => readConfig({ SUPERGRAPH: 'x' })).toThrow(/^IDENTITY_PRIVATE_KEY is missing$/);
  });
});
