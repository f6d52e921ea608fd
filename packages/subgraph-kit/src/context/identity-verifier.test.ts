import { generateKeyPairSync, type KeyObject } from 'node:crypto';

import { SignJWT, UnsecuredJWT } from 'jose';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { createIdentityVerifier } from './identity-verifier.ts';

const { publicKey, privateKey } = generateKeyPairSync('ed25519');
const pem = publicKey.export({ type: 'spki', format: 'pem' }).toString();
const now = Date.UTC(2026, 0, 1);

beforeEach(() => void vi.useFakeTimers({ now, toFake: ['Date'] }));
afterEach(() => void vi.useRealTimers());

interface Identity {
  readonly claims?: Record<string, unknown>;
  readonly key?: KeyObject;
  readonly issuer?: string;
  readonly audience?: string;
  readonly typ?: string;
  readonly lifetimeSeconds?: number;
}

const sign = ({
  claims = { sub: 'ada', roles: ['ADMIN'], scopes: ['read:users'] },
  key = privateKey,
  issuer = 'tributary-gateway',
  audience = 'posts',
  typ = 'tributary-identity+jwt',
  lifetimeSeconds = 60,
}: Identity = {}) =>
  new SignJWT(claims)
    .setProtectedHeader({ alg: 'EdDSA', typ })
    .setIssuer(issuer)
    .setAudience(audience)
    .setIssuedAt(now / 1000)
    .setExpirationTime(now / 1000 + lifetimeSeconds)
    .sign(key);

it('gives the caller whom the gateway signed', async () => {
  const verify = await createIdentityVerifier(pem, 'posts');
  expect(await verify(await sign())).toEqual({ userId: 'ada', roles: ['ADMIN'], scopes: ['read:users'] });
});

it('knows somebody who did not sign in', async () => {
  const verify = await createIdentityVerifier(pem, 'posts');
  expect(await verify(await sign({ claims: {} }))).toEqual({ userId: null, roles: [], scopes: [] });
});

it('gives a principal that nobody can change', async () => {
  const principal = await (await createIdentityVerifier(pem, 'posts'))(await sign());
  expect(() => Object.assign(principal, { userId: 'eve' })).toThrow(TypeError);
  expect(() => (principal.roles as string[]).push('ADMIN')).toThrow(TypeError);
  expect(() => (principal.scopes as string[]).push('all')).toThrow(TypeError);
});

describe('refuses', () => {
  const stranger = generateKeyPairSync('ed25519').privateKey;
  const unsigned = () =>
    new UnsecuredJWT({ sub: 'root', roles: ['ADMIN'] })
      .setIssuer('tributary-gateway')
      .setAudience('posts')
      .setExpirationTime('1h')
      .encode();

  it.each([
    ['what another key signed', () => sign({ key: stranger })],
    ['what is meant for another subgraph', () => sign({ audience: 'users' })],
    ['what another issuer signed', () => sign({ issuer: 'http://127.0.0.1:4001' })],
    ['a token of another type', () => sign({ typ: 'JWT' })],
    ['roles that are no list', () => sign({ claims: { sub: 'ada', roles: 'ADMIN' } })],
    ['an empty user id', () => sign({ claims: { sub: '' } })],
    ['a token that nobody signed', unsigned],
    ['a text that is no token', () => 'ada'],
    ['an empty text', () => ''],
  ])('%s', async (_what, makeToken: () => string | Promise<string>) => {
    const verify = await createIdentityVerifier(pem, 'posts');
    await expect(verify(await makeToken())).rejects.toMatchObject({
      code: 'UNAUTHENTICATED',
      message: 'The identity of the caller is not one that the gateway signed',
    });
  });

  it('what was changed after it was signed', async () => {
    const verify = await createIdentityVerifier(pem, 'posts');
    const [header, , signature] = (await sign()).split('.');
    const claims = Buffer.from(JSON.stringify({ sub: 'root', exp: now })).toString('base64url');
    await expect(verify([header, claims, signature].join('.'))).rejects.toMatchObject({
      code: 'UNAUTHENTICATED',
    });
  });

  it('what has expired', async () => {
    const verify = await createIdentityVerifier(pem, 'posts');
    await expect(verify(await sign({ lifetimeSeconds: -60 }))).rejects.toMatchObject({
      code: 'UNAUTHENTICATED',
      message: 'The identity of the caller has expired',
    });
  });

  it('what it knew, once it has expired', async () => {
    const verify = await createIdentityVerifier(pem, 'posts');
    const token = await sign({ lifetimeSeconds: 60 });
    const principal = await verify(token);
    vi.setSystemTime(now + 59_000);
    expect(await verify(token)).toBe(principal);
    vi.setSystemTime(now + 66_000);
    await expect(verify(token)).rejects.toThrow('The identity of the caller has expired');
  });
});

it('verifies a text once', async () => {
  const verify = await createIdentityVerifier(pem, 'posts');
  const token = await sign();
  expect(await verify(token)).toBe(await verify(token));
});

it.each([
  ['no key', 'not a key'],
  [
    'a key of another kind',
    generateKeyPairSync('rsa', { modulusLength: 2048 })
      .publicKey.export({ type: 'spki', format: 'pem' })
      .toString(),
  ],
])('says what it needs when the setting holds %s', async (_what, text) => {
  await expect(createIdentityVerifier(text, 'posts')).rejects.toThrow(
    new TypeError('IDENTITY_PUBLIC_KEY must be an Ed25519 public key as SPKI in PEM'),
  );
});
