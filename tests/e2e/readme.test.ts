import { readFileSync } from 'node:fs';

import { readMetric } from '@tributary/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { makeFreshClone, type FreshClone, type RunningCommand } from '../support/fresh-clone.ts';
import { portBase } from '../support/port-base.ts';

/*
 * Follows README.md word by word in a fresh clone. Every command of its `sh` blocks must have a line in `runners`, so a
 * new command that nobody tries fails here.
 */
const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');

const blocks = (language: string): readonly string[] =>
  [...readme.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\``, 'gm'))].map(([, text]) =>
    (text ?? '').trim(),
  );

const commands = blocks('sh').flatMap((block) => block.split('\n'));

const env = { TRIBUTARY_PORT_BASE: String(portBase) };
const here = (text: string): string => text.replaceAll('127.0.0.1:400', `127.0.0.1:${portBase / 10}`);
const origin = `http://127.0.0.1:${portBase}`;

let clone: FreshClone;
let system: RunningCommand | undefined;
const seconds: Record<string, number> = {};

const timed = async <T>(name: string, work: () => Promise<T>): Promise<T> => {
  const startedAt = performance.now();
  const result = await work();
  seconds[name] = Math.round((performance.now() - startedAt) / 100) / 10;
  return result;
};

beforeAll(() => {
  clone = makeFreshClone();
});
afterAll(async () => {
  await system?.stop();
  clone.remove();
  console.info(`Seconds until the endpoint answered: ${JSON.stringify(seconds)}`);
});

const start = async (name: string) => {
  const running = clone.start('npm start', env);
  system = running;
  await timed(name, async () => {
    await running.line(/Tributary is ready/);
    const answer = await ask(
      '{ posts(first: 20) { edges { node { title author { name } comments(first: 5) { edges { node { body author { name } } } } } } } }',
    );
    expect(answer).toMatchObject({ data: { posts: { edges: { length: 20 } } } });
    expect(answer).not.toHaveProperty('errors');
  });
  return running;
};

const ask = async (query: string): Promise<unknown> => {
  const headers = { 'content-type': 'application/json' };
  return (
    await fetch(`${origin}/graphql`, { method: 'POST', headers, body: JSON.stringify({ query }) })
  ).json();
};

/** One request id leads through the gateway and every subgraph that it asked. */
const expectOneRequestInAllLogs = async () => {
  const requestId = 'readme-follows-one-request';
  await fetch(`${origin}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-request-id': requestId },
    body: JSON.stringify({
      query: '{ users(first: 2) { edges { node { id posts { edges { node { title commentCount } } } } } } }',
    }),
  });
  for (const name of ['gateway', 'users', 'posts', 'comments']) {
    const log = () => readFileSync(`${clone.folder}/.data/logs/${name}.log`, 'utf8');
    await expect.poll(log, { message: `the log of ${name}`, timeout: 10_000 }).toContain(requestId);
  }
};

/** How each command of the README is tried; the key is how the command begins. */
const runners: Readonly<Record<string, (command: string) => Promise<void> | void>> = {
  'npm start': async () => {
    const running = await start('cold, nothing installed');
    const said = running.lines.map((line) => line.trimEnd()).join('\n');
    for (const line of here(blocks('text')[0] ?? '').split('\n')) expect(said).toContain(line.trim());
    await expectOneRequestInAllLogs();
    expect(await readMetric(origin, 'tributary_build_info')).toBe(1);
    expect(await running.stop()).toBe(0);
    await start('warm');
  },
  curl: (command) => {
    const answer = JSON.parse(clone.run(here(command))) as object;
    expect(answer).not.toHaveProperty('errors');
    const shown = command.includes('post(id:') && JSON.parse(blocks('json')[0] ?? '');
    if (shown) expect(answer).toEqual(shown);
  },
  'npm test': () => {
    // Whoever reads this runs it.
    expect(JSON.parse(readFileSync(`${clone.folder}/package.json`, 'utf8'))).toHaveProperty('scripts.test');
  },
  'npm run check': (command) => void clone.run(command),
  'npm run tributary -- lint': (command) => void clone.run(command),
  'npm run rover -- supergraph compose': (command) => {
    clone.run(command);
    const composed = readFileSync(`${clone.folder}/.cache/supergraph.graphql`, 'utf8');
    expect(composed).toContain('@join__graph(name: "comments"');
  },
  'npm run tributary -- secrets': (command) => {
    clone.run(command);
    expect(readFileSync(`${clone.folder}/deploy/docker/secrets/identity-public-key.pem`, 'utf8')).toContain(
      'PUBLIC KEY',
    );
  },
  // No Docker engine runs here: docker-compose.test.ts checks the file, image.test.ts does what the Dockerfile says.
  'docker compose up --build': () => {},
};

describe('README.md', () => {
  it.each(commands)('%s', { timeout: 300_000 }, async (command) => {
    const key = Object.keys(runners).find((beginning) => command.startsWith(beginning));
    expect(key, `a runner for "${command}"`).toBeDefined();
    await runners[key ?? '']?.(command);
  });

  it('names files and folders that exist', () => {
    const links = [...readme.matchAll(/\]\((?!http)([^)#]+)\)/g)].map(([, path]) => path ?? '');
    expect(links.length).toBeGreaterThan(3);
    for (const path of links) expect(() => clone.run(`ls ${path}`)).not.toThrow();
  });

  it('introspects a running subgraph with rover', { timeout: 60_000 }, () => {
    const sdl = clone.run(
      here('npm run --silent rover -- subgraph introspect http://127.0.0.1:4002/graphql'),
    );
    expect(sdl).toContain('@key(fields: "id")');
  });
});
