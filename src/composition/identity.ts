import { createAccounts } from '../actors/accounts.ts';
import { createAdministration } from '../app/administration/administration.ts';
import { waitingUntilCaughtUp } from '../app/read-barrier.ts';
import type { Homes } from '../app/sessions/login-guard.ts';
import { argonHasher } from '../app/sessions/passwords.ts';
import { openServerSecret } from '../app/sessions/server-secret.ts';
import { Sessions } from '../app/sessions/sessions.ts';
import { nameAggregate, partitionOf } from '../events/aggregate.ts';
import type { SessionId, UserId } from '../events/ids.ts';
import type { Connections } from '../http/socket/connections.ts';
import type { Core } from './core.ts';

/** How long another node is waited for, in ms. */
const askMs = 3000;

/** The attempts at a username are counted by the node that runs its partition. */
const loginHomes = ({ engine, membership, partitions }: Core): Homes | undefined => {
  if (!engine.nodes) return undefined;
  const { bus } = engine.nodes;
  const me = membership.me.id;
  const service = 'logins';
  return {
    me,
    // Anything may be entered as a name; what is not well-formed has no aggregate.
    of: (name) => membership.ownerOf(partitionOf(nameAggregate(name.toWellFormed()), partitions)),
    request: (node, message) => bus.request({ node, service }, message, askMs),
    respond: (handler) => void bus.respond({ node: me, service }, handler),
  };
};

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
  return { secret, accounts, sessions, onSessionClosed, homes: loginHomes(core) };
};
