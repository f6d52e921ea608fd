import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

import { composeSupergraph } from '@tributary/planning';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

// `rover subgraph introspect` needs running subgraphs: it is tested with those.

const commandLine = fileURLToPath(new URL('../../cli/src/main.ts', import.meta.url));
const link =
  'extend schema @link(url: "https://specs.apollo.dev/federation/v2.11", import: ["@key", "@requiresScopes"])';
const users = {
  name: 'users',
  url: 'http://127.0.0.1:4001/graphql',
  sdl: `${link}
"Somebody who writes; costs \${env.NOTHING} a month."
type User @key(fields: "id") { id: ID! name: String email: String @requiresScopes(scopes: [["email"]]) }
type Query { me: User }`,
};
const posts = {
  name: 'posts',
  url: 'http://127.0.0.1:4002/graphql',
  sdl: `${link}
"A writer."
type User @key(fields: "id") { id: ID! posts: [Post!] }
type Post @key(fields: "id") { id: ID! title: String! author: User }
type Query { posts: [Post!]! }`,
};

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tributary rover '));
  writeFileSync(join(folder, 'users.graphql'), users.sdl);
  writeFileSync(join(folder, 'posts.graphql'), posts.sdl);
  writeFileSync(
    join(folder, 'supergraph.yaml'),
    `federation_version: =2.14.4
subgraphs:
  users: { routing_url: "${users.url}", schema: { file: ./users.graphql } }
  posts: { routing_url: "${posts.url}", schema: { file: ./posts.graphql } }
`,
  );
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Runs rover as `npm run rover` does, in the folder of the supergraph file. */
async function rover(args: readonly string[], env: NodeJS.ProcessEnv = {}) {
  const child = spawn(process.execPath, [commandLine, 'rover', ...args], {
    cwd: folder,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [stdout, stderr, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close') as Promise<[number]>,
  ]);
  return { code, stdout, stderr };
}

const compose = ['supergraph', 'compose', '--config', 'supergraph.yaml'];

describe('rover supergraph compose', () => {
  it('prints the supergraph that composeSupergraph gives', async () => {
    const { code, stdout } = await rover(compose);
    expect(code).toBe(0);
    expect(stdout.trimEnd()).toBe(composeSupergraph([users, posts]).supergraphSdl?.trimEnd());
  });

  it('opens no connection: the composer is the one that is installed', async () => {
    await using network = await startProxy();
    const { code } = await rover(compose, { HTTP_PROXY: network.url, HTTPS_PROXY: network.url });
    expect(code).toBe(0);
    expect(network.connections()).toBe(0);
  });

  it('leaves nothing behind, neither among temporary files nor at home', async () => {
    const [temporary, home] = [mkdtempSync(join(folder, 'tmp-')), mkdtempSync(join(folder, 'home-'))];
    const { code } = await rover(compose, { TMPDIR: temporary, HOME: home });
    expect(code).toBe(0);
    expect([...readdirSync(temporary), ...readdirSync(home)]).toEqual([]);
  });
});

describe('a schema that does not compose', () => {
  beforeEach(() => {
    writeFileSync(
      join(folder, 'posts.graphql'),
      posts.sdl.replace('id: ID! posts', 'id: ID! name: Int posts'),
    );
  });

  it("gives rover's own report, with every error of the composer", async () => {
    const { code, stdout, stderr } = await rover(compose);
    expect(code).toBe(1);
    expect(stdout).toBe('');
    expect(stderr).toContain('error[E029]: Encountered 2 build errors while trying to build a supergraph.');
    expect(stderr).toContain(
      'FIELD_TYPE_MISMATCH: Type of field "User.name" is incompatible across subgraphs: ' +
        'it has type "Int" in subgraph "posts" but type "String" in subgraph "users"',
    );
    expect(stderr).toContain('INVALID_FIELD_SHARING: Non-shareable field "User.name"');
  });

  it('gives the report as JSON, with codes and places', async () => {
    const { code, stdout } = await rover([...compose, '--format', 'json']);
    expect(code).toBe(1);
    const { error } = JSON.parse(stdout) as { error: { code: string; details: { build_errors: unknown[] } } };
    expect(error.code).toBe('E029');
    expect(error.details.build_errors).toHaveLength(2);
    expect(error.details.build_errors[0]).toMatchObject({
      code: 'FIELD_TYPE_MISMATCH',
      type: 'composition',
      nodes: [
        { subgraph: 'posts', start: { line: 3 } },
        { subgraph: 'users', start: { line: 3 } },
      ],
    });
  });
});

it('knows our own directives and rules', async () => {
  const link =
    'extend schema @link(url: "https://specs.tributary.dev/tributary/v1.0", import: ["@personal"])\n';
  writeFileSync(
    join(folder, 'posts.graphql'),
    `${posts.sdl}\n${link}directive @personal on FIELD_DEFINITION | OBJECT`,
  );
  const { code, stderr } = await rover(compose);
  expect(code).toBe(1);
  expect(stderr).toContain('Expected @composeDirective(name: "@personal") beside the link');
});

it('gives what else rover knows, such as the meaning of a code', async () => {
  const { code, stdout, stderr } = await rover(['explain', 'E029']);
  expect(code).toBe(0);
  expect(stdout + stderr).toContain('E029');
});

/** Stands where the network would be and counts who comes. */
async function startProxy() {
  let connections = 0;
  const server = createServer((socket) => {
    connections += 1;
    socket.destroy();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  const stop = async () => {
    server.close();
    await once(server, 'close');
  };
  return {
    url: `http://127.0.0.1:${port}`,
    connections: () => connections,
    stop,
    [Symbol.asyncDispose]: stop,
  };
}
