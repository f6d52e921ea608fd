import { parentPort, workerData } from 'node:worker_threads';

import { composeSupergraph, type SubgraphDefinition } from './compose-supergraph.ts';

// What composeInWorker runs: one composition, then it is over.
const result = composeSupergraph(workerData as readonly SubgraphDefinition[]);
// oxlint-disable-next-line unicorn/require-post-message-target-origin -- a port of a thread, not a window
parentPort?.postMessage(result);
