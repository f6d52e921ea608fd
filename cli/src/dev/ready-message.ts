import { operationsToTry } from './operations-to-try.ts';

/** What is printed once everything answers. */
export function readyMessage(url: string): string {
  const operations = operationsToTry.map(
    ({ title, operation, variables }) =>
      `# ${title}\n${operation}${variables ? `\n# with the variables ${JSON.stringify(variables)}` : ''}`,
  );
  return [
    '',
    `Tributary is ready: ${url}`,
    `Open it in a browser for GraphiQL, and try one of these. Ctrl-C stops everything.`,
    '',
    operations.join('\n\n'),
    '',
  ].join('\n');
}
