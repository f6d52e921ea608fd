import type { MemorySupergraph } from '@tributary/testkit';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { startSmallSupergraph } from '../support/small-supergraph.ts';
import { hasBrowser, startBrowser } from '../support/start-browser.ts';
import { createTalkingEvents } from '../support/talking-events.ts';
import { startTalkingSupergraph } from '../support/talking-supergraph.ts';
import { startTestGateway, type TestGateway } from '../support/start-test-gateway.ts';

const browserHtml = 'text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8';

/** Nothing within a test gives up before the test does: a browser on a busy machine takes its time. */
const timeout = 240_000;
const atLast = { timeout, interval: 100 };

/** Replaces what stands in the editor, and runs it once it stands there. */
async function execute(page: Page, operation: string): Promise<void> {
  const editor = page.locator('.graphiql-query-editor .monaco-editor').first();
  await editor.click();
  await page.keyboard.press('Control+A');
  await page.keyboard.press('Delete');
  await page.keyboard.insertText(operation);
  // Lines are wrapped, and their blanks are no blanks.
  const shown = async () => (await editor.innerText()).replaceAll(/\s/g, '');
  await expect.poll(shown, atLast).toContain(operation.replaceAll(/\s/g, ''));
  await page.getByRole('button', { name: /execute query/i }).click();
}

let supergraph: MemorySupergraph;
let gateway: TestGateway;

beforeAll(async () => {
  supergraph = await startSmallSupergraph();
  gateway = await startTestGateway(supergraph);
});
afterAll(async () => {
  await gateway?.stop();
  await supergraph?.stop();
});

describe('GraphiQL', () => {
  it('is one page with strict headers', async () => {
    const response = await fetch(gateway.url, { headers: { accept: browserHtml } });
    expect(response.status).toBe(200);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'content-encoding': 'gzip',
      'x-content-type-options': 'nosniff',
      'content-security-policy': expect.stringMatching(
        /default-src 'none'; script-src 'sha256-.*frame-ancestors 'none'/,
      ),
    });
    const page = await response.text();
    expect(page).toContain('<title>Tributary</title>');
    expect(page).not.toMatch(/<(script|link|img)[^>]*(src|href)="https?:/);
  });

  it('is off where it is turned off', async () => {
    const without = await startTestGateway(supergraph, { GRAPHIQL: 'off' });
    const response = await fetch(`${without.url}?query={__typename}`, { headers: { accept: browserHtml } });
    expect(await response.json()).toEqual({ data: { __typename: 'Query' } });
    await without.stop();
  });

  it.skipIf(!hasBrowser() && process.env['CI'] !== 'true')(
    'shows the events of a subscription as they come (needs /usr/bin/chromium)',
    async () => {
      const talking = await startTalkingSupergraph();
      const events = createTalkingEvents(talking);
      const live = await startTestGateway(talking, {}, { eventLog: events.eventLog });
      const { context, stop } = await startBrowser();
      try {
        const page = await context.newPage();
        page.setDefaultTimeout(0);
        await page.goto(live.url);
        await execute(page, 'subscription { commentAdded(postId: 42) { body author { name } } }');
        const metrics = async () => (await fetch(`${live.origin}/metrics`)).text();
        await expect.poll(metrics, atLast).toContain('tributary_active_subscriptions 1');
        const result = page.locator('.graphiql-response');
        for (const id of ['8', '9']) {
          await events.comment(id);
          await result.getByText(`Comment ${id}`).first().waitFor();
        }
        expect(await result.innerText()).toContain('Grace');
        await page.close();
        await expect.poll(metrics, atLast).toContain('tributary_active_subscriptions 0');
      } finally {
        await stop();
        await live.stop();
        await events.stop();
        await talking.stop();
      }
    },
    timeout,
  );

  it.skipIf(!hasBrowser() && process.env['CI'] !== 'true')(
    'runs a query that somebody types, without asking any other host (needs /usr/bin/chromium)',
    async () => {
      const { context, stop } = await startBrowser();
      try {
        const page = await context.newPage();
        page.setDefaultTimeout(0);
        const requested: string[] = [];
        const problems: string[] = [];
        page.on('request', (request) => requested.push(request.url()));
        page.on('pageerror', (error) => problems.push(error.message));
        page.on('console', (message) => {
          if (message.type() === 'error') problems.push(message.text());
        });
        await page.goto(gateway.url);
        await execute(page, '{ posts { title author { name } } }');
        const result = page.locator('.graphiql-response');
        await result.getByText('Grace').first().waitFor();
        expect((await result.innerText()).replaceAll(/\s+/g, ' ')).toContain('"title": "Second"');
        const isOurs = (url: string) => url.startsWith(gateway.origin) || /^(data|blob):/.test(url);
        expect(requested.filter((url) => !isOurs(url))).toEqual([]);
        expect(problems).toEqual([]);
      } finally {
        await stop();
      }
    },
    timeout,
  );
});
