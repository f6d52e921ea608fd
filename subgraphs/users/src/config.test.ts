import { generateKeyPairSync } from 'node:crypto';

import { describe, expect, it } from 'vitest';

import { readConfig } from './config.ts';

const pem = { type: 'pkcs8', format: 'pem' } as const;
const key = generateKeyPairSync('ed25519').privateKey.export(pem).toString();
const gatewayKey = generateKeyPairSync('ed25519')
  .publicKey.export({ type: 'spki', format: 'pem' })
  .toString();
const settings = {
  DATABASE_URL: 'postgres://localhost/users',
  IDENTITY_PUBLIC_KEY: gatewayKey,
  JWT_PRIVATE_KEY: key,
};

describe('readConfig', () => {
  it('needs a database and two keys, the rest has defaults', () => {
    expect(readConfig(settings)).toMatchObject({
      port: 4001,
      jwtPrivateKey: key,
      jwtIssuer: 'http://127.0.0.1:4001',
      jwtAudience: 'tributary',
      jwtLifetimeSeconds: 900,
    });
  });

  it('takes a key on one line, with \\n where lines end', () => {
    const onOneLine = key.replaceAll('\n', '\\n');
    expect(readConfig({ ...settings, JWT_PRIVATE_KEY: onOneLine }).jwtPrivateKey).toBe(key);
  });

  it('names everything that is missing at once', () => {
    expect(() => readConfig({})).toThrow(
      'JWT_PRIVATE_KEY is missing; DATABASE_URL is missing; IDENTITY_PUBLIC_KEY is missing',
    );
  });

  it.each([
    ['no key', 'hunter2'],
    ['a key of another kind', generateKeyPairSync('x25519').privateKey.export(pem).toString()],
  ])('refuses %s without repeating it', (_what, JWT_PRIVATE_KEY) => {
    expect(() => readConfig({ ...settings, JWT_PRIVATE_KEY })).toThrow(
      /^JWT_PRIVATE_KEY must be an Ed25519 key in PKCS#8 PEM, but is something else$/,
    );
  });
});
