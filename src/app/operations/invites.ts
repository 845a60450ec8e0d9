import Type from 'typebox';
import { inviteView } from '../../projections/models/invites.ts';
import { randomSecret } from '../../runtime/random.ts';
import * as field from '../fields.ts';
import { limits } from '../limits/limits.ts';
import { Refused } from '../refusals.ts';
import type { Caller } from '../sessions/sessions.ts';
import { check } from '../validation.ts';
import { circleAsking } from './circle-asking.ts';
import type { Operation, OperationDeps } from './operation.ts';

const circle = field.Uuid;

const CreateInvite = field.closed({
  circle,
  expiresIn: Type.Optional(Type.Integer({ minimum: 0, maximum: 366 * 86_400_000 })),
  maxUses: Type.Optional(Type.Integer({ minimum: 0, maximum: 1000 })),
});
const RevokeInvite = field.closed({ circle, code: field.InviteCode });

type Stamped = { readonly by: string; readonly key?: string };

/** What people do with invites. */
export const inviteOperations = (deps: OperationDeps) => {
  const { ask, withNothing, positionIn } = circleAsking(deps);
  const { models, barrier, secret } = deps;

  /**
   * An invite's code. A command with a key has the same code on every node and after a restart, so that a repeat gives
   * the same invite. Nobody can compute it from the key, which keeps no secret: logs and proxies know it.
   */
  const codeOf = (circle: string, { by, key }: Stamped): string =>
    key === undefined
      ? randomSecret(12).toString('base64url')
      : secret.sign('invite', circle, by, key).slice(0, 16);

  /** What becomes of an invite, as far as this person was told of it. */
  const knownOf = async (circle: string, code: string, { seen }: Caller) => {
    await barrier.waitForSession(seen);
    const row = await models.invites.get(code);
    if (row?.circle !== circle) return undefined;
    return row.revoked ? 'revoked' : 'listed';
  };

  return {
    'create-invite': {
      ...check(CreateInvite),
      run: async ({ input, stamp, handed }) => {
        const { circle: id, expiresIn = limits.inviteMs, maxUses = 0 } = input;
        const code = codeOf(id, stamp);
        const command = {
          ...stamp,
          op: 'create-invite',
          circle: id,
          code,
          expiresIn,
          maxUses,
        } as const;
        const settled = await ask(id, command, handed);
        const position = positionIn(id, settled);
        await barrier.waitUntilApplied(position);
        const row = await models.invites.get(code);
        if (!row) throw new Refused('not-found');
        // As it was made, also if this is a repeat and somebody has used it meanwhile.
        return { created: true, body: { invite: { ...inviteView(row), uses: 0 } }, position };
      },
    } satisfies Operation<Type.Static<typeof CreateInvite>>,

    'revoke-invite': {
      ...check(RevokeInvite),
      run: async ({ caller, input: { circle: id, code }, stamp, handed }) => {
        const known = await knownOf(id, code, caller);
        const command = { ...stamp, op: 'revoke-invite', circle: id, code, known } as const;
        return withNothing(id, ask(id, command, handed));
      },
    } satisfies Operation<Type.Static<typeof RevokeInvite>>,
  };
};
