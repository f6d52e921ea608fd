import { randomUUID } from 'node:crypto';

import { hash, verify } from '@node-rs/argon2';

import { limitConcurrency } from './limit-concurrency.ts';

/** Turns passwords into what may be stored, and tells whether one fits. */
export interface Passwords {
  hash(password: string): Promise<string>;
  /** Takes as long without a stored hash as with one: nobody can time who is a member. */
  fits(password: string, storedHash: string | undefined): Promise<boolean>;
}

/**
 * What OWASP's password storage cheat sheet asks of Argon2id at least: 19 MiB, two passes, one lane. The algorithm
 * stands as a number because the package declares it as a `const enum`, of which nothing is left at run time.
 */
const argon2id = { algorithm: 2, memoryCost: 19_456, timeCost: 2, parallelism: 1 };

/**
 * Hashing runs in libuv's pool of four threads, off the event loop. Two at once leave the others to files and name
 * look-ups; the queue is what a crowd waits in, not what an attacker can grow.
 */
const limits = { maxRunning: 2, maxWaiting: 200 };

export async function createPasswords(): Promise<Passwords> {
  const limited = limitConcurrency(limits);
  const hashPassword = (password: string) => limited(() => hash(normalize(password), argon2id));
  const nobodysHash = await hashPassword(randomUUID());
  return {
    hash: hashPassword,
    fits: async (password, storedHash) => {
      const fits = await limited(() => verify(storedHash ?? nobodysHash, normalize(password)));
      return fits && storedHash !== undefined;
    },
  };
}

/** Keyboards write "é" in more than one way, and it is one password. */
const normalize = (password: string): string => password.normalize('NFKC');
