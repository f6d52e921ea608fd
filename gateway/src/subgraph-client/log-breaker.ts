import type { Logger } from '@tributary/telemetry';

import type { OnBreaker } from './breakers.ts';

/** Says in the log when a subgraph is held off, and when it no longer is. */
export const logBreaker =
  (logger: Logger): OnBreaker =>
  (subgraph, isOpen) => {
    if (isOpen) logger.warn({ subgraph }, `subgraph "${subgraph}" fails again and again, and is held off`);
    else logger.info({ subgraph }, `subgraph "${subgraph}" is no longer held off`);
  };
