import type { Command } from 'commander';

/** A command as the list of all shows it; what it does is loaded when it is asked for, so that help comes at once. */
export type Entry = {
  readonly name: string;
  /** The same as the command's own. */
  readonly description: string;
  readonly load: () => Promise<Command>;
};

/** All commands, in the groups and in the order in which help shows them. */
export const commands: Readonly<Record<string, readonly Entry[]>> = {
  'Run the server:': [
    {
      name: 'start',
      description: 'run the server (this is what `oshi` alone does)',
      load: async () => (await import('./start.ts')).startCommand(),
    },
  ],
  'Take part:': [
    {
      name: 'chat',
      description: 'log in to a server; list, create and join circles; read and write',
      load: async () => (await import('./chat/chat.ts')).chatCommand(),
    },
  ],
  'Look into the log:': [
    {
      name: 'replay',
      description: 'print the events of the log as NDJSON, oldest first',
      load: async () => (await import('./replay/replay.ts')).replayCommand(),
    },
    {
      name: 'audit',
      description: 'show who did what in circles, when, and what it was before',
      load: async () => (await import('./audit/audit.ts')).auditCommand(),
    },
    {
      name: 'at',
      description: 'show a circle or a stream as it was at a moment',
      load: async () => (await import('./at/at.ts')).atCommand(),
    },
    {
      name: 'explain',
      description: 'say by which events the author of a message had the right to post it',
      load: async () => (await import('./explain/explain.ts')).explainCommand(),
    },
  ],
  'Make something of it:': [
    {
      name: 'projections',
      description: 'show how far every projection is; stop, resume or detach one',
      load: async () => (await import('./projections/projections.ts')).projectionsCommand(),
    },
    {
      name: 'rows',
      description: 'print the rows of a projection, of your own or of Oshi’s',
      load: async () => (await import('./rows/rows.ts')).rowsCommand(),
    },
    {
      name: 'project',
      description: 'run a projection of your own as a process of its own',
      load: async () => (await import('./project.ts')).projectCommand(),
    },
    {
      name: 'rebuild',
      description: 'build a read model anew from the log, beside the server that reads it',
      load: async () => (await import('./rebuild/rebuild.ts')).rebuildCommand(),
    },
  ],
  'Check that nobody has changed it:': [
    {
      name: 'verify',
      description: 'check the log for changes, and the read models against it',
      load: async () => (await import('./verify/verify.ts')).verifyCommand(),
    },
    {
      name: 'checkpoint',
      description: 'sign what the log is now, as one line of JSON',
      load: async () => (await import('./checkpoint.ts')).checkpointCommand(),
    },
  ],
};
