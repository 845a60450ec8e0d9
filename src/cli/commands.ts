import type { Command } from 'commander';

/** A command in the list of all. The rest of it is loaded when it runs, so that help is fast. */
export type Entry = {
  readonly description: string;
  readonly load: () => Promise<(command: Command) => Command>;
};

/** All commands by their names, in the groups and the order of the help text. */
export const commands: Readonly<Record<string, Readonly<Record<string, Entry>>>> = {
  'Run the server:': {
    start: {
      description: 'run the server (this is what `oshi` alone does)',
      load: async () => (await import('./start.ts')).startCommand,
    },
    config: {
      description: 'check the configuration, before a start or beside a running server',
      load: async () => (await import('./config/config.ts')).configCommand,
    },
  },
  'Chat:': {
    chat: {
      description: 'log in to a server; list, create and join circles; read and write',
      load: async () => (await import('./chat/chat.ts')).chatCommand,
    },
  },
  'Users and circles:': {
    user: {
      description: 'list and show accounts; set a password, end sessions, suspend, resume',
      load: async () => (await import('./user/user.ts')).userCommand,
    },
    circle: {
      description: 'list and show circles',
      load: async () => (await import('./circle/circle.ts')).circleCommand,
    },
    stats: {
      description: 'count users, sessions, circles and messages',
      load: async () => (await import('./stats/stats.ts')).statsCommand,
    },
  },
  'Inspect the log:': {
    replay: {
      description: 'print the events of the log as NDJSON, oldest first',
      load: async () => (await import('./replay/replay.ts')).replayCommand,
    },
    audit: {
      description: 'show who changed what in circles, and when',
      load: async () => (await import('./audit/audit.ts')).auditCommand,
    },
    at: {
      description: 'show a circle or a stream as it was at a moment',
      load: async () => (await import('./at/at.ts')).atCommand,
    },
    explain: {
      description: 'show why the author of a message had permission to post it',
      load: async () => (await import('./explain/explain.ts')).explainCommand,
    },
  },
  'Read models:': {
    projections: {
      description: 'show the progress of all projections; stop, resume or detach one',
      load: async () => (await import('./projections/projections.ts')).projectionsCommand,
    },
    rows: {
      description: 'print the rows of a projection, built-in or custom',
      load: async () => (await import('./rows/rows.ts')).rowsCommand,
    },
    project: {
      description: 'run a custom projection as a separate process',
      load: async () => (await import('./project.ts')).projectCommand,
    },
    rebuild: {
      description: 'rebuild a read model from the log, without downtime',
      load: async () => (await import('./rebuild/rebuild.ts')).rebuildCommand,
    },
  },
  'Back up and restore:': {
    backup: {
      description: 'copy the log, the vault and the state to a folder, incrementally',
      load: async () => (await import('./backup/backup.ts')).backupCommand,
    },
    restore: {
      description: 'restore a backup, to files or to servers',
      load: async () => (await import('./backup/restore.ts')).restoreCommand,
    },
  },
  'Verify integrity:': {
    verify: {
      description: 'check the log for changes, and the read models against it',
      load: async () => (await import('./verify/verify.ts')).verifyCommand,
    },
    checkpoint: {
      description: 'sign the current state of the log, as one line of JSON',
      load: async () => (await import('./checkpoint.ts')).checkpointCommand,
    },
  },
};
