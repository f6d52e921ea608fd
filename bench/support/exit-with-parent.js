// Loaded into every process that a benchmark starts (`node --import`): it ends when the benchmark is gone, even one
// that was killed outright. In JavaScript, because it runs inside of other people's servers.
import process from 'node:process';

if (process.channel) {
  process.on('disconnect', () => process.exit(0));
  process.channel.unref();
}
