/** What a file in `commands/` exports: takes the arguments after the command's name, gives the exit code. */
export interface Command {
  readonly run: (args: string[]) => Promise<number>;
}

/** A row of the help; the command itself is imported when it is asked for, which keeps `--help` quick. */
export interface CommandEntry {
  readonly summary: string;
  readonly usage: string;
  readonly load: () => Promise<Command>;
}

export const commands = {
  dev: {
    summary: 'Starts databases, subgraphs and the gateway on this machine',
    usage: 'tributary dev [--reset]',
    load: () => import('./commands/dev.ts'),
  },
  compose: {
    summary: 'Composes subgraphs to a supergraph, or joins the files of one schema',
    usage: 'tributary compose (--config FILE | --schema FOLDER) [--output FILE]',
    load: () => import('./commands/compose.ts'),
  },
  lint: {
    summary: 'Checks the design of subgraph schemas; errors give exit code 1',
    usage: 'tributary lint (--config FILE | FILE_OR_FOLDER …) [--format text|json]',
    load: () => import('./commands/lint.ts'),
  },
  rover: {
    summary: "Runs Apollo's rover offline, over the same composer",
    usage: 'tributary rover <arguments of rover>',
    load: () => import('./commands/rover.ts'),
  },
  secrets: {
    summary: 'Makes the keys and passwords of a production set-up, a file each',
    usage: 'tributary secrets FOLDER',
    load: () => import('./commands/secrets.ts'),
  },
} as const satisfies Record<string, CommandEntry>;

/** A command that exists. */
export type CommandName = keyof typeof commands;
