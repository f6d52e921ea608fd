import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { ConfigError } from '@tributary/config';
import type { SubgraphSource, SupergraphConfig } from '@tributary/planning';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { databaseSetting, readDevSettings } from './dev-settings.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'tributary-settings-'));
  for (const folder of ['gateway', 'subgraphs/users', 'subgraphs/order-lines']) {
    mkdirSync(join(root, folder, 'src'), { recursive: true });
    writeFileSync(join(root, folder, 'src', 'main.ts'), '');
  }
});
afterEach(() => rmSync(root, { recursive: true }));

const subgraph = (name: string, routingUrl: string): SubgraphSource => ({
  name,
  routingUrl,
  schema: { kind: 'sdl', sdl: '' },
});

const read = (env: NodeJS.ProcessEnv, subgraphs: SubgraphSource[]) => {
  const supergraph: SupergraphConfig = { file: join(root, 'supergraph.yaml'), subgraphs };
  return readDevSettings(root, supergraph, env);
};

const users = () => subgraph('users', 'http://127.0.0.1:4001/graphql');

describe('readDevSettings', () => {
  it('takes ports from the addresses of the supergraph file', () => {
    const settings = read({}, [users(), subgraph('order-lines', 'http://localhost:4009/graphql')]);
    expect(settings.gatewayPort).toBe(4000);
    expect(settings.subgraphs.map(({ local }) => local?.port)).toEqual([4001, 4009]);
    expect(settings.dataFolder).toBe(join(root, '.data'));
  });

  it('moves all ports and addresses with TRIBUTARY_PORT_BASE, and the gateway alone with PORT', () => {
    const moved = read({ TRIBUTARY_PORT_BASE: '14000' }, [users()]);
    expect([moved.gatewayPort, moved.subgraphs[0]?.routingUrl]).toEqual([
      14_000,
      'http://127.0.0.1:14001/graphql',
    ]);
    const single = read({ PORT: '80' }, [users()]);
    expect([single.gatewayPort, single.subgraphs[0]?.local?.port]).toEqual([80, 4001]);
  });

  it('leaves alone what runs on another machine or has no folder here', () => {
    const { subgraphs } = read({ TRIBUTARY_PORT_BASE: '14000' }, [
      subgraph('users', 'https://users.example/graphql'),
      subgraph('reviews', 'http://127.0.0.1:4005/graphql'),
    ]);
    expect(subgraphs.map(({ routingUrl, local }) => [routingUrl, local])).toEqual([
      ['https://users.example/graphql', undefined],
      ['http://127.0.0.1:4005/graphql', undefined],
    ]);
  });

  it('takes a database address for each subgraph, from a file too', () => {
    writeFileSync(join(root, 'secret'), 'postgres://db/lines\n');
    const env = { ORDER_LINES_DATABASE_URL_FILE: join(root, 'secret') };
    const { subgraphs } = read(env, [users(), subgraph('order-lines', 'http://127.0.0.1:4002/graphql')]);
    expect(subgraphs.map(({ local }) => local?.databaseUrl)).toEqual([undefined, 'postgres://db/lines']);
  });

  it('starts the gateway with the flags of Node that its package asks for', () => {
    expect(read({}, [users()]).gatewayNodeFlags).toEqual([]);
    writeFileSync(join(root, 'gateway', 'package.json'), '{ "nodeFlags": ["--expose-gc"] }');
    expect(read({}, [users()]).gatewayNodeFlags).toEqual(['--expose-gc']);
  });

  it('refuses a port base that leaves no room', () => {
    expect(() =>
      read({ TRIBUTARY_PORT_BASE: '65000' }, [subgraph('users', 'http://127.0.0.1:5001/')]),
    ).toThrow(new ConfigError(['TRIBUTARY_PORT_BASE gives users the port 66001: expected 1 to 65535']));
  });

  it('says when there is no gateway to start', () => {
    rmSync(join(root, 'gateway'), { recursive: true });
    expect(() => read({}, [users()])).toThrow(
      `Expected the gateway's program at ${root}/gateway/src/main.ts, but there is none`,
    );
  });
});

describe('databaseSetting', () => {
  it.each([
    ['users', 'USERS_DATABASE_URL'],
    ['order-lines', 'ORDER_LINES_DATABASE_URL'],
  ])('of %s is %s', (name, setting) => {
    expect(databaseSetting(name)).toBe(setting);
  });
});
