import { delimiter } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** What npm, vitest and Node put into the environment of a test; certificates belong to the machine and stay. */
const ofTheTestCommand =
  /^(npm_|VITEST|VITE_|NODE_(?!EXTRA_CA_CERTS)|INIT_CWD|TEST$|MODE$|PROD$|DEV$|BASE_URL$|SSR$)/i;

/** The environment of a user's shell on this machine: not our Node, not our tools, nothing that the tests set. */
export function userEnvironment(extra: Readonly<Record<string, string>> = {}): NodeJS.ProcessEnv {
  const own = Object.entries(process.env).filter(([name]) => !ofTheTestCommand.test(name));
  const path = (process.env['PATH'] ?? '').split(delimiter).filter((folder) => !folder.startsWith(root));
  return { ...Object.fromEntries(own), PATH: path.join(delimiter), ...extra };
}
