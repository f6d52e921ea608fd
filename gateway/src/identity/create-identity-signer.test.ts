import { generateKeyPairSync } from 'node:crypto';

import { decodeJwt, jwtVerify } from 'jose';
import { describe, expect, it } from 'vitest';

import { createIdentitySigner } from './create-identity-signer.ts';
import { anonymous, type Principal } from './principal.ts';

const keys = generateKeyPairSync('ed25519');
const privateKey = keys.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();

const start = Math.floor(Date.now() / 1000);
const principal = (expiresAt: number): Principal => ({
  sub: 'u1',
  roles: ['USER'],
  scopes: ['a'],
  expiresAt,
});

const startClock = () => {
  let seconds = start;
  const sign = createIdentitySigner({ privateKey, now: () => seconds * 1000 });
  return { sign, advance: (by: number) => (seconds += by) };
};

describe('createIdentitySigner', () => {
  it('signs what a subgraph verifies', async () => {
    const { sign } = startClock();
    const header = await sign(principal(start + 600), 'posts');
    const { payload, protectedHeader } = await jwtVerify(header, keys.publicKey, {
      issuer: 'tributary-gateway',
      audience: 'posts',
    });
    expect(protectedHeader).toEqual({ alg: 'EdDSA', typ: 'tributary-identity+jwt' });
    expect(payload).toMatchObject({ sub: 'u1', roles: ['USER'], scopes: ['a'] });
  });

  it('holds for a minute longer than the token, for requests that began before its end', async () => {
    const { sign } = startClock();
    expect(decodeJwt(await sign(principal(start + 600), 'posts')).exp).toBe(start + 660);
    expect(decodeJwt(await sign(principal(start + 9000), 'posts')).exp).toBe(start + 960);
  });

  it('signs once for each principal until the signature is about to end, and then again', async () => {
    const { sign, advance } = startClock();
    const first = await sign(anonymous, 'posts');
    advance(899);
    expect(sign(anonymous, 'posts')).toBe(first);
    advance(1);
    const second = await sign(anonymous, 'posts');
    expect(second).not.toBe(first);
    expect(sign(anonymous, 'posts')).toBe(second);
  });

  it('signs for one subgraph only, and once for each', async () => {
    const { sign } = startClock();
    const forPosts = await sign(anonymous, 'posts');
    const forUsers = await sign(anonymous, 'users');
    expect([decodeJwt(forPosts).aud, decodeJwt(forUsers).aud]).toEqual(['posts', 'users']);
    expect([sign(anonymous, 'posts'), sign(anonymous, 'users')]).toEqual([forPosts, forUsers]);
  });

  it('names nobody when nobody is known', async () => {
    const { sign } = startClock();
    expect(decodeJwt(await sign(anonymous, 'posts')).sub).toBeUndefined();
  });
});
