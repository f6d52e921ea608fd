import { generateKeyPairSync } from 'node:crypto';

import { createLocalJWKSet, decodeProtectedHeader, jwtVerify } from 'jose';
import { describe, expect, it } from 'vitest';

import { createTokenIssuer } from './token-issuer.ts';

const keyPair = () =>
  generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();

const options = {
  jwtPrivateKey: keyPair(),
  jwtIssuer: 'https://users.example.org',
  jwtAudience: 'tests',
  jwtLifetimeSeconds: 60,
};

describe('createTokenIssuer', () => {
  it('makes tokens that fit the key set', async () => {
    const { issue, keySet } = await createTokenIssuer(options);
    const { token, expiresAt, sessionId } = await issue({ id: 'u1', role: 'USER' });
    const { payload, protectedHeader } = await jwtVerify(token, createLocalJWKSet(keySet), {
      issuer: 'https://users.example.org',
      audience: 'tests',
    });
    expect(protectedHeader).toEqual({ alg: 'EdDSA', typ: 'JWT', kid: keySet.keys[0]?.kid });
    expect(payload).toEqual({
      iss: 'https://users.example.org',
      aud: 'tests',
      sub: 'u1',
      roles: ['USER'],
      scope: 'write:posts write:comments',
      jti: sessionId,
      iat: expect.any(Number),
      exp: expiresAt.getTime() / 1000,
    });
    expect(Number(payload.exp) - Number(payload.iat)).toBe(60);
  });

  it.each([
    ['USER', 'write:posts write:comments'],
    ['MODERATOR', 'write:posts write:comments moderate:posts moderate:comments'],
    ['ADMIN', 'write:posts write:comments moderate:posts moderate:comments admin:users'],
  ] as const)('gives the role %s its scopes', async (role, scope) => {
    const { issue, keySet } = await createTokenIssuer(options);
    const { token } = await issue({ id: 'u1', role });
    const { payload } = await jwtVerify(token, createLocalJWKSet(keySet));
    expect(payload).toMatchObject({ roles: [role], scope });
  });

  it('gives every token an id of its own', async () => {
    const { issue } = await createTokenIssuer(options);
    const [one, other] = [await issue({ id: 'u1', role: 'USER' }), await issue({ id: 'u1', role: 'USER' })];
    expect(one.sessionId).not.toBe(other.sessionId);
  });

  it('shows the public half of the key only', async () => {
    const { keySet } = await createTokenIssuer(options);
    expect(keySet.keys).toEqual([
      {
        kty: 'OKP',
        crv: 'Ed25519',
        x: expect.any(String),
        kid: expect.any(String),
        alg: 'EdDSA',
        use: 'sig',
      },
    ]);
  });

  it('names equal keys equally, so that replicas and restarts agree', async () => {
    const kidOf = async (jwtPrivateKey: string) =>
      (await createTokenIssuer({ ...options, jwtPrivateKey })).keySet.keys[0]?.kid;
    const { token } = await (await createTokenIssuer(options)).issue({ id: 'u1', role: 'USER' });
    expect(await kidOf(options.jwtPrivateKey)).toBe(decodeProtectedHeader(token).kid);
    expect(await kidOf(keyPair())).not.toBe(await kidOf(options.jwtPrivateKey));
  });
});
