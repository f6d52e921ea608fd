import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';

import { describeAppends } from './describe-appends.ts';
import { describeLosses } from './describe-losses.ts';
import { describeOutages } from './describe-outages.ts';
import { describePast } from './describe-past.ts';
import { describeStop } from './describe-stop.ts';
import { describeTails } from './describe-tails.ts';
import { describeUnreadable } from './describe-unreadable.ts';
import { LogFixture } from './log-fixture.ts';
import type { LogServer } from './log-space.ts';

/** What every event log has to keep to, whatever it is stored in. */
export function describeEventLog(startServer: () => Promise<LogServer>): void {
  let server: LogServer;
  let fixture: LogFixture;

  beforeAll(async () => {
    server = await startServer();
  });
  beforeEach(async () => {
    fixture = new LogFixture(server, await server.makeSpace());
  });
  afterEach(() => fixture.stop());
  afterAll(() => server.stop());

  describeAppends(() => fixture);
  describeTails(() => fixture);
  describeLosses(() => fixture);
  describePast(() => fixture);
  describeUnreadable(() => fixture);
  describeStop(() => fixture);
  describeOutages(() => fixture);
}
