import { parseOptions } from '@node-rs/argon2';
import { beforeAll, describe, expect, it } from 'vitest';

import { createPasswords, type Passwords } from './passwords.ts';

let passwords: Passwords;

beforeAll(async () => {
  passwords = await createPasswords();
});

describe('passwords', () => {
  it('are kept as Argon2id with the parameters that OWASP asks for', async () => {
    const hash = await passwords.hash('correct horse');
    expect(hash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    expect(parseOptions(hash)).toMatchObject({ saltLen: 16, outputLen: 32 });
  });

  it('are salted: two equal ones are kept as different texts', async () => {
    const [one, other] = [await passwords.hash('correct horse'), await passwords.hash('correct horse')];
    expect(one).not.toBe(other);
  });

  it('fit their own hash only', async () => {
    const hash = await passwords.hash('correct horse');
    expect(await passwords.fits('correct horse', hash)).toBe(true);
    expect(await passwords.fits('Correct horse', hash)).toBe(false);
    expect(await passwords.fits('', hash)).toBe(false);
  });

  it('are one, however a keyboard writes them', async () => {
    const hash = await passwords.hash('caf\u00e9 au lait');
    expect(await passwords.fits('cafe\u0301 au lait', hash)).toBe(true);
  });

  it('fit nobody who is not there', async () => {
    expect(await passwords.fits('correct horse', undefined)).toBe(false);
  });

  it('are checked against something even for somebody who is not there', async () => {
    const hash = await passwords.hash('correct horse');
    const millisecondsOf = async (storedHash: string | undefined) => {
      const startedAt = performance.now();
      await passwords.fits('a wrong one', storedHash);
      return performance.now() - startedAt;
    };
    await millisecondsOf(hash);
    const [known, unknown] = [await millisecondsOf(hash), await millisecondsOf(undefined)];
    // Without a hash it would be thousandths of it; how much more it may be is the machine's affair.
    expect(unknown).toBeGreaterThan(known / 5);
  });
});
