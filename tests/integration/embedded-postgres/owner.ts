// Starts PostgreSQL in the folder it is given, says so and lives until it is killed or told to exit.
import { startEmbeddedPostgres } from '@tributary/embedded-postgres';

const folder = process.argv[2] ?? '';
const { pid } = await startEmbeddedPostgres({ folder, databases: ['a'] });
process.send?.({ pid });
process.on('message', () => process.exit(0));
