import { describe, inject, test } from 'vitest';
import { startMongod } from '../../tools/servers/mongod.ts';
import { type NatsOptions, startNats } from '../../tools/servers/nats.ts';
import type { PlaceOptions } from '../../tools/servers/place.ts';
import type { ServerProcess } from '../../tools/servers/server-process.ts';
import type {} from './servers.global.ts';

/**
 * The nats-server of this run, shared by all suites: keep apart by a prefix. Only inside `describeWithNats`.
 */
export const natsUrl = (): string => inject('natsUrl');

/** The mongod of this run, shared by all suites: keep apart by a database's name. Without a database. */
export const mongodbUrl = (): string => inject('mongodbUrl');

/** A suite that needs nats-server; skipped where there is none. */
export const describeWithNats = describe.skipIf(inject('natsUrl') === '');

/** A suite that needs mongod; skipped where there is none. */
export const describeWithMongodb = describe.skipIf(inject('mongodbUrl') === '');

/** A test that needs nats-server; skipped where there is none. */
export const testWithNats = test.skipIf(inject('natsUrl') === '');

/** A test that needs mongod; skipped where there is none. */
export const testWithMongodb = test.skipIf(inject('mongodbUrl') === '');

/** A suite that needs both. */
export const describeWithServers = describe.skipIf(
  inject('natsUrl') === '' || inject('mongodbUrl') === '',
);

/** A test that needs both. */
export const testWithServers = test.skipIf(inject('natsUrl') === '' || inject('mongodbUrl') === '');

/** The paths of the programs of this run. */
export const serverPrograms = (): { readonly nats: string; readonly mongod: string } => ({
  nats: inject('natsProgram'),
  mongod: inject('mongodProgram'),
});

/** A nats-server of the test's own, to be killed and restarted; the test stops it. */
export const startOwnNats = (options: Omit<NatsOptions, 'program'> = {}): Promise<ServerProcess> =>
  startNats({ ...options, program: inject('natsProgram') });

/** A mongod of the test's own; the test stops it. */
export const startOwnMongod = (options: PlaceOptions = {}): Promise<ServerProcess> =>
  startMongod({ ...options, program: inject('mongodProgram') });
