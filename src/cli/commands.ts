import type { Command } from 'commander';

/** A command in the list of all. Its implementation is loaded when it runs, so that help is fast. */
export type Entry = {
  readonly name: string;
  /** Must equal the command's own description. */
  readonly description: string;
  readonly load: () => Promise<Command>;
};

/** All commands, in the groups and the order of the help text. */
export const commands: Readonly<Record<string, readonly Entry[]>> = {
  'Run the server:': [
    {
      name: 'start',
      description: 'run the server (this is what `oshi` alone does)',
      load: async () => (await import('./start.ts')).startCommand(),
    },
  ],
  'Chat:': [
    {
      name: 'chat',
      description: 'log in to a server; list, create and join circles; read and write',
      load: async () => (await import('./chat/chat.ts')).chatCommand(),
    },
  ],
  'Inspect the log:': [
    {
      name: 'replay',
      description: 'print the events of the log as NDJSON, oldest first',
      load: async () => (await import('./replay/replay.ts')).replayCommand(),
    },
    {
      name: 'audit',
      description: 'show who changed what in circles, and when',
      load: async () => (await import('./audit/audit.ts')).auditCommand(),
    },
    {
      name: 'at',
      description: 'show a circle or a stream as it was at a moment',
      load: async () => (await import('./at/at.ts')).atCommand(),
    },
    {
      name: 'explain',
      description: 'show why the author of a message had permission to post it',
      load: async () => (await import('./explain/explain.ts')).explainCommand(),
    },
  ],
  'Read models:': [
    {
      name: 'projections',
      description: 'show the progress of all projections; stop, resume or detach one',
      load: async () => (await import('./projections/projections.ts')).projectionsCommand(),
    },
    {
      name: 'rows',
      description: 'print the rows of a projection, built-in or custom',
      load: async () => (await import('./rows/rows.ts')).rowsCommand(),
    },
    {
      name: 'project',
      description: 'run a custom projection as a separate process',
      load: async () => (await import('./project.ts')).projectCommand(),
    },
    {
      name: 'rebuild',
      description: 'rebuild a read model from the log, without downtime',
      load: async () => (await import('./rebuild/rebuild.ts')).rebuildCommand(),
    },
  ],
  'Verify integrity:': [
    {
      name: 'verify',
      description: 'check the log for changes, and the read models against it',
      load: async () => (await import('./verify/verify.ts')).verifyCommand(),
    },
    {
      name: 'checkpoint',
      description: 'sign the current state of the log, as one line of JSON',
      load: async () => (await import('./checkpoint.ts')).checkpointCommand(),
    },
  ],
};
