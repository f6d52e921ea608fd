import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { checkConfig, ConfigError } from './check-config.ts';
import { readEnvironment } from './read-environment.ts';
import type { Environment, SettingsReader } from './settings-reader.ts';

const read = <T extends object>(env: Environment, build: (reader: SettingsReader) => T) =>
  checkConfig(env, build);

describe('checkConfig', () => {
  it('gives the typed settings, with defaults for what is absent or empty', () => {
    const config = read({ PORT: '4002', DEBUG: 'on', HOSTS: 'a, b,', LEVEL: '' }, (reader) => ({
      port: reader.integer('PORT'),
      debug: reader.boolean('DEBUG', { default: false }),
      hosts: reader.list('HOSTS'),
      level: reader.oneOf('LEVEL', ['info', 'debug'], { default: 'info' }),
      name: reader.optionalString('NAME'),
    }));
    expect(config).toEqual({ port: 4002, debug: true, hosts: ['a', 'b'], level: 'info', name: undefined });
  });

  it('freezes the result, parts included', () => {
    const config = read({}, () => ({ nested: { list: [1] } }));
    expect(
      Object.isFrozen(config) && Object.isFrozen(config.nested) && Object.isFrozen(config.nested.list),
    ).toBe(true);
  });

  it('lists every problem in one message, each with the value that came', () => {
    const act = () =>
      read(
        { PORT: 'abc', POOL: '0', ENGINE: 'x', DEBUG: 'maybe', EVENTS: 'ftp://x', PAGE: '200' },
        (reader) => ({
          url: reader.url('DATABASE_URL'),
          port: reader.integer('PORT', { default: 4002, min: 1 }),
          pool: reader.integer('POOL', { min: 1, max: 50 }),
          page: reader.integer('PAGE', { max: 100 }),
          engine: reader.oneOf('ENGINE', ['apollo', 'tributary']),
          debug: reader.boolean('DEBUG'),
          events: reader.url('EVENTS', { protocols: ['redis', 'postgres'] }),
        }),
      );
    expect(act).toThrow(
      new ConfigError([
        'DATABASE_URL is missing',
        'PORT must be an integer of at least 1, but got "abc"',
        'POOL must be an integer from 1 to 50, but got "0"',
        'PAGE must be an integer of at most 100, but got "200"',
        'ENGINE must be one of apollo, tributary, but got "x"',
        'DEBUG must be true or false, but got "maybe"',
        'EVENTS must be a URL that starts with redis: or postgres:, but got "ftp://x"',
      ]),
    );
  });

  it('never repeats a password or a secret in a message', () => {
    const act = () =>
      read({ DATABASE_URL: 'http://ada:hunter2@db/x', KEY: 'hunter2' }, (reader) => ({
        url: reader.url('DATABASE_URL', { protocols: ['postgres'] }),
        key: reader.secret('KEY', { minLength: 32 }),
      }));
    expect(act).toThrow(
      'DATABASE_URL must be a URL that starts with postgres:, but got "http://db"; ' +
        'KEY must have at least 32 characters, but got 7',
    );
  });

  it.each([
    ['with a password that has an @ in it', 'http://ada:hunter2@hunter2@db/x', 'http://db'],
    ['with a user alone', 'http://hunter2@db:99', 'http://db:99'],
    ['that does not parse', 'postgres://ada:hunter2@db:port', '(hidden)'],
    ['without its scheme', 'ada:hunter2@db', '(hidden)'],
    ['with a slash in its password', 'http://ada:1/hunter2@db', '(hidden)'],
    ['with a password in its query', 'http://db/x?password=hunter2', 'http://db/x'],
    ['without a password', 'http://db/x', 'http://db/x'],
  ])('shows of a URL %s where it leads', (_what, url, shown) => {
    const act = () =>
      read({ DATABASE_URL: url }, (reader) => ({
        url: reader.url('DATABASE_URL', { protocols: ['postgres'] }),
      }));
    expect(act).toThrow(
      new ConfigError([`DATABASE_URL must be a URL that starts with postgres:, but got "${shown}"`]),
    );
  });

  it('takes problems that concern several settings', () => {
    const act = () =>
      read({}, (reader) => {
        reader.refuse('TLS_KEY needs TLS_CERT');
        return {};
      });
    expect(act).toThrow('TLS_KEY needs TLS_CERT');
  });
});

describe('settings from files', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'tributary-config-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('reads NAME_FILE, without the line break at its end', () => {
    writeFileSync(join(folder, 'key'), 'secret\n');
    const config = read({ KEY_FILE: join(folder, 'key') }, (reader) => ({ key: reader.secret('KEY') }));
    expect(config.key).toBe('secret');
  });

  it('says which file could not be read, once', () => {
    const act = () => read({ KEY_FILE: join(folder, 'none') }, (reader) => ({ key: reader.secret('KEY') }));
    expect(act).toThrow(
      new ConfigError([`KEY_FILE must name a readable file, but "${folder}/none" gave ENOENT`]),
    );
  });

  it('refuses a value given both ways', () => {
    const act = () => read({ KEY: 'a', KEY_FILE: 'b' }, (reader) => ({ key: reader.secret('KEY') }));
    expect(act).toThrow(new ConfigError(['KEY and KEY_FILE are both set: expected one of them']));
  });

  it('lays the environment over CONFIG_FILE', () => {
    const file = join(folder, 'production.env');
    writeFileSync(file, 'PORT=1\nLEVEL=info\n');
    const env = readEnvironment({ CONFIG_FILE: file, PORT: '2' });
    expect(env).toMatchObject({ PORT: '2', LEVEL: 'info' });
  });

  it('refuses a CONFIG_FILE that is not there', () => {
    expect(() => readEnvironment({ CONFIG_FILE: join(folder, 'none') })).toThrow(
      /CONFIG_FILE must name a readable file/,
    );
  });
});
