import * as Type from 'typebox';
import { inviteView } from '../../projections/models/invites.ts';
import { randomSecret } from '../../runtime/random.ts';
import * as field from '../fields.ts';
import { limits } from '../limits/limits.ts';
import type { Caller } from '../sessions/sessions.ts';
import { createAsk, withoutBody } from './asking.ts';
import { type OperationDeps, operation } from './operation.ts';

const circle = field.Uuid;

const NewInvite = {
  circle,
  expiresIn: Type.Optional(Type.Integer({ minimum: 0, maximum: 366 * 86_400_000 })),
  maxUses: Type.Optional(Type.Integer({ minimum: 0, maximum: 1000 })),
};

type Stamped = { readonly by: string; readonly key?: string };

/** Operations on invites. */
export const inviteOperations = (deps: OperationDeps) => {
  const ask = createAsk(deps);
  const { models, barrier, secret } = deps;

  /**
   * An invite's code. A command with a key gets the same code on every node and after a restart, so that a repeat returns
   * the same invite. The key is not secret (logs and proxies see it), so the code is signed and cannot be computed from it.
   */
  const codeOf = (circle: string, { by, key }: Stamped): string =>
    key === undefined
      ? randomSecret(12).toString('base64url')
      : secret.sign('invite', circle, by, key).slice(0, 16);

  /** The state of an invite as far as this session has seen it. */
  const knownOf = async (circle: string, code: string, { seen }: Caller) => {
    await barrier.waitForSession(seen);
    const row = await models.invites.get(code);
    if (row?.circle !== circle) return undefined;
    return row.revoked ? 'revoked' : 'listed';
  };

  return {
    'create-invite': operation('content', NewInvite, async (request) => {
      const { circle: id, expiresIn = limits.inviteMs, maxUses = 0 } = request.input;
      const code = codeOf(id, request.stamp);
      const command = { op: 'create-invite', circle: id, code, expiresIn, maxUses } as const;
      const answer = await ask.answer(ask.circle(request, id, command), async () => {
        const row = await models.invites.get(code);
        // As it was created, also if this is a repeat and the invite has been used since.
        return row && { invite: { ...inviteView(row), uses: 0 } };
      });
      return { ...answer, created: true };
    }),

    'revoke-invite': operation('upkeep', { circle, code: field.InviteCode }, async (request) => {
      const { circle: id, code } = request.input;
      const known = await knownOf(id, code, request.caller);
      return withoutBody(ask.circle(request, id, { op: 'revoke-invite', circle: id, code, known }));
    }),
  };
};
