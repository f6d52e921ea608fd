import { readFileSync } from 'node:fs';

import type { Environment } from '@tributary/config';
import { readConfig as readGatewayConfig } from '@tributary/gateway';
import { describe, expect, it } from 'vitest';

import { readConfig as readCommentsConfig } from '../../subgraphs/comments/src/config.ts';
import { readConfig as readPostsConfig } from '../../subgraphs/posts/src/config.ts';
import { readConfig as readUsersConfig } from '../../subgraphs/users/src/config.ts';

const page = readFileSync(new URL('../../docs/operations.md', import.meta.url), 'utf8');

/** The first column of the table under a heading, code marks taken off. */
const namesUnder = (heading: string): readonly string[] => {
  const [, rest = ''] = page.split(`## ${heading}\n`);
  const [section = ''] = rest.split('\n## ');
  return [...section.matchAll(/^\| `([\w…]+)` \|/gm)].map(([, name]) => name ?? '').toSorted();
};

/** The settings that a process asks its environment for, found out by letting it ask. */
const settingsOf = (read: (env: Environment) => unknown): readonly string[] => {
  const asked = new Set<string>();
  const env = new Proxy<Record<string, string | undefined>>(
    {},
    {
      get: (_env, name) => void asked.add(String(name)),
    },
  );
  try {
    read(env);
  } catch {
    // The required ones are missing, which is not what this is about.
  }
  return [...asked].filter((name) => !name.endsWith('_FILE')).toSorted();
};

describe('docs/operations.md lists the settings that the code reads, both ways:', () => {
  it('of the gateway', () => {
    expect(namesUnder('Settings of the gateway')).toEqual(settingsOf(readGatewayConfig));
  });

  it('of every subgraph', () => {
    expect(namesUnder('Settings of every subgraph')).toEqual(settingsOf(readCommentsConfig));
  });

  it.each([
    ['posts', readPostsConfig],
    ['users', readUsersConfig],
  ])('of %s alone', (name, read) => {
    const common = settingsOf(readCommentsConfig);
    const own = settingsOf(read).filter((setting) => !common.includes(setting));
    expect(namesUnder(`Settings of ${name} alone`)).toEqual(own);
  });
});
