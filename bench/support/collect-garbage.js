// Loaded into every process whose memory is measured (`node --expose-gc --import`): it collects garbage when it is told to,
// so that what is left is what is in use. In JavaScript, because it runs inside of other people's servers.
import process from 'node:process';

// One collection frees what the next one can: finalizers and weak references take several. The last resort also gives
// memory back to the system.
const collections = 4;

process.on('message', async (message) => {
  if (message?.type !== 'collect') return;
  for (let index = 0; index < collections; index += 1) {
    globalThis.gc({ type: 'major', flavor: 'last-resort', execution: 'sync' });
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  process.send({ type: 'collected' });
});
process.channel?.unref();
