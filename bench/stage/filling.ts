import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { digestOf, tokenOf } from '../../src/app/sessions/tokens.ts';
import { progressBar } from '../../src/cli/terminal/progress-bar.ts';
import { configOf } from '../../src/config.ts';
import { circleAggregate, streamAggregate, userAggregate } from '../../src/events/aggregate.ts';
import { type CircleId, type StreamId, type UserId, uuid7 } from '../../src/events/ids.ts';
import { event } from '../../src/events/kinds/kinds.ts';
import { openEmptyLog } from '../../tools/seed/log.ts';
import type { Draft, Round } from '../../tools/seed/round.ts';
import { write } from '../../tools/seed/writing.ts';
import { type Place, startBuilt, startOshi } from './oshi.ts';
import type { Person } from './people.ts';
import type { Subject } from './process.ts';

/** Appends rounds of commits to the log of a place in which nothing has happened. */
export const fill = async (
  place: Place,
  rounds: Iterable<readonly Draft[]>,
  total: number,
): Promise<void> => {
  // A server that starts on an empty log has nothing to convert later.
  await (await startOshi(place)).stop();
  const { log, close } = await openEmptyLog(configOf(place.env));
  const bar = progressBar();
  await write(log, rounds, (count) => bar.update(count, total, 'events'));
  bar.stop();
  await close();
};

/** Adds somebody with an account and a session. */
export const addPerson = (round: Round): Person => {
  const id = uuid7() as UserId;
  const secret = randomBytes(32).toString('base64url');
  const username = `b${id.replaceAll('-', '').slice(-20)}`;
  const session = event('session-opened', { id: uuid7(), digest: digestOf(secret) });
  const registered = event('user-registered', { username });
  round.add(userAggregate(id), { by: id, at: Date.now() }, registered, session);
  return { id, username, token: tokenOf(secret, id) };
};

/** Adds a public circle of somebody's, with a stream that has its id. */
export const addCircle = (round: Round, owner: string): string => {
  const id = uuid7();
  const stamp = { by: owner, at: Date.now() };
  const created = { kind: 'circle', name: 'Bench', visibility: 'public', owner } as const;
  round.add(
    circleAggregate(id as CircleId),
    stamp,
    event('circle-created', created),
    event('member-joined', { user: owner }),
    event('stream-created', { id, name: 'general' }),
  );
  round.tell(owner, stamp, event('circle-joined', { circle: id, n: 2 }));
  round.add(streamAggregate(id as CircleId, id as StreamId), stamp, event('stream-opened', {}));
  return id;
};

/** Adds a member to a circle. */
export const addMember = (round: Round, circle: string, user: string): void => {
  const stamp = { by: user, at: Date.now() };
  const n = round.add(circleAggregate(circle as CircleId), stamp, event('member-joined', { user }));
  round.tell(user, stamp, event('circle-joined', { circle, n }));
};

const quietShare = 0.05;
const quietSeconds = 3;

/** Resolves when a server has done what it does by itself: for some seconds it has hardly used the processor. */
export const settled = async (server: Subject): Promise<void> => {
  for (let quiet = 0; quiet < quietSeconds; ) {
    const before = server.cpuMicros();
    await sleep(1000);
    quiet = server.cpuMicros() - before < quietShare * 1_000_000 ? quiet + 1 : 0;
  }
};

/** A server that has built its read models and done what follows from what was filled in. */
export const startFilled = async (place: Place): Promise<Subject> => {
  const { server } = await startBuilt(place);
  await settled(server);
  return server;
};
