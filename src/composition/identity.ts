import { createAccounts } from '../actors/accounts.ts';
import { createAdministration } from '../app/administration/administration.ts';
import { waitingUntilCaughtUp } from '../app/read-barrier.ts';
import { argonHasher } from '../app/sessions/passwords.ts';
import { openServerSecret } from '../app/sessions/server-secret.ts';
import { Sessions } from '../app/sessions/sessions.ts';
import type { SessionId, UserId } from '../events/ids.ts';
import type { Connections } from '../http/socket/connections.ts';
import type { Core } from './core.ts';

/** Accounts and sessions, and what operators may do to them, which other processes may request from now on. */
export const openIdentity = async (core: Core, connections: Connections, rateLimits: boolean) => {
  const { engine, models, runner, actors, isAway, now } = core;
  const sessions = new Sessions({
    models,
    now,
    isAway,
    caughtUp: waitingUntilCaughtUp(runner),
    sessionOf: (user, digest) => actors.sessionOf(user, digest),
  });
  const onSessionClosed = (session: SessionId, user: UserId): void => {
    sessions.close(session);
    connections.endSession(session, user);
  };
  const accounts = createAccounts({
    actors,
    vault: engine.vault,
    hasher: argonHasher(rateLimits),
    leastUsed: (ids) => sessions.leastUsed(ids),
  });
  const administration = createAdministration({ ...core, accounts, onSessionClosed });
  await engine.answerRequests(administration.answer);
  const secret = await openServerSecret(engine.vault, now);
  return { secret, accounts, sessions, onSessionClosed };
};
