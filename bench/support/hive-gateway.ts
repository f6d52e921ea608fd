import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/** The file behind Hive Gateway's command, which the package does not export. */
export function hiveGateway(): string {
  const manifest = createRequire(import.meta.url).resolve('@graphql-hive/gateway/package.json');
  return join(dirname(manifest), 'dist', 'bin.js');
}
