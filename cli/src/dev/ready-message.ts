import { operationsToTry } from './operations-to-try.ts';

/** What a start says about itself. */
export interface ReadyMessageOptions {
  readonly hasGraphiQL: boolean;
  /** False in production, where nobody signs in with the password of the demo data. */
  readonly hasDemoSignIn: boolean;
}

/** What is printed once everything answers. */
export function readyMessage(url: string, { hasGraphiQL, hasDemoSignIn }: ReadyMessageOptions): string {
  const operations = operationsToTry
    .filter(({ isDemoSignIn = false }) => hasDemoSignIn || !isDemoSignIn)
    .map(
      ({ title, operation, variables }) =>
        `# ${title}\n${operation}${variables ? `\n# with the variables ${JSON.stringify(variables)}` : ''}`,
    );
  return [
    '',
    `Tributary is ready: ${url}`,
    `${hasGraphiQL ? 'Open it in a browser for GraphiQL, and try' : 'Try'} one of these. Ctrl-C stops everything.`,
    '',
    operations.join('\n\n'),
    '',
  ].join('\n');
}
