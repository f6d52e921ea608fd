import { createPublicKey, generateKeyPairSync } from 'node:crypto';

/** Makes an Ed25519 key, in PKCS#8 PEM. */
export function makePrivateKey(): string {
  const { privateKey } = generateKeyPairSync('ed25519', {
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  });
  return privateKey;
}

/**
 * The public half of a key, in SPKI PEM.
 *
 * @throws {Error} when the text is not a private key
 */
export const publicKeyOf = (privateKey: string): string =>
  createPublicKey(privateKey.replaceAll(String.raw`\n`, '\n'))
    .export({ type: 'spki', format: 'pem' })
    .toString();
