import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { chromium, type BrowserContext } from 'playwright-core';

const executablePath = process.env['CHROMIUM'] ?? '/usr/bin/chromium';

/** False where no browser is installed; a test then skips itself, and must not in CI. */
export const hasBrowser = (): boolean => existsSync(executablePath);

// A browser that updates itself, syncs or looks things up would make the requests that a test wants not to see.
const args = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** Starts Chromium with an empty profile. */
export async function startBrowser(): Promise<{ readonly context: BrowserContext; stop(): Promise<void> }> {
  const profile = await mkdtemp(join(tmpdir(), 'tributary-browser-'));
  const context = await chromium.launchPersistentContext(profile, { executablePath, headless: true, args });
  return {
    context,
    stop: async () => {
      await context.close();
      await rm(profile, { recursive: true, force: true });
    },
  };
}
