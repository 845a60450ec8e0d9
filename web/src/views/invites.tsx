import { useState } from 'preact/hooks';
import { wholeList } from '../../../src/client/http.ts';
import type { Invite } from '../../../src/client/objects.ts';
import { isolate } from '../../../src/text/direction.ts';
import { agoLabel, counted } from '../state/labels.ts';
import { pathOf } from '../state/route.ts';
import { Button } from './button.tsx';
import { useApp, useChat } from './context.ts';
import { type CircleDialogProps, Dialog } from './dialog.tsx';
import { FormError, useForm } from './form.tsx';
import { Loaded, useLoading } from './loaded.tsx';

const dayMs = 86_400_000;

const lives: readonly (readonly [string, number])[] = [
  ['1 day', dayMs],
  ['7 days', 7 * dayMs],
  ['30 days', 30 * dayMs],
  ['never', 0],
];

/** The invites of a circle: creates, copies and revokes them. */
export const Invites = ({ room, close }: CircleDialogProps) => {
  const app = useApp();
  const { client } = useChat();
  const circle = room.id;
  const read = () => wholeList((page) => app.http.invites(circle, page), 'invites');
  const loading = useLoading(read, [circle]);
  const revoke = (code: string): void =>
    app.attempt(client.command('revoke-invite', { circle, code }).then(loading.load));
  return (
    <Dialog title={`Invite people to ${isolate(room.entry.value.name)}`} onClose={close}>
      <InviteForm
        circle={circle}
        onMade={(invite) => (loading.value.value = [invite, ...(loading.value.value ?? [])])}
      />
      <Loaded what="The open invites" loading={loading}>
        {(invites) =>
          invites.length > 0 && (
            <>
              <h3>Open invites</h3>
              <ul class="invites">
                {invites.map((invite) => (
                  <InviteEntry
                    key={invite.code}
                    invite={invite}
                    onRevoke={() => revoke(invite.code)}
                  />
                ))}
              </ul>
            </>
          )
        }
      </Loaded>
    </Dialog>
  );
};

type InviteFormProps = { readonly circle: string; readonly onMade: (invite: Invite) => void };

const InviteForm = ({ circle, onMade }: InviteFormProps) => {
  const app = useApp();
  const { client } = useChat();
  const [expiresIn, setExpiresIn] = useState(7 * dayMs);
  const [maxUses, setMaxUses] = useState(0);
  const form = useForm({}, async (_, signal) => {
    const data = { circle, expiresIn, maxUses };
    const { invite } = await client.command('create-invite', data, { signal });
    onMade(invite);
    await app.copy(linkOf(invite.code), 'link');
  });
  return (
    <form onSubmit={form.submit} class="invite-form">
      <label>
        Expires after
        <select onChange={(event) => setExpiresIn(Number(event.currentTarget.value))}>
          {lives.map(([words, ms]) => (
            <option key={ms} value={ms} selected={ms === expiresIn}>
              {words}
            </option>
          ))}
        </select>
      </label>
      <label>
        Maximum uses
        <select onChange={(event) => setMaxUses(Number(event.currentTarget.value))}>
          {[0, 1, 5, 25, 100].map((uses) => (
            <option key={uses} value={uses} selected={uses === maxUses}>
              {uses === 0 ? 'unlimited' : counted(uses, 'use')}
            </option>
          ))}
        </select>
      </label>
      <Button kind="main" type="submit" isBusy={form.isBusy}>
        Create link
      </Button>
      <FormError form={form} />
    </form>
  );
};

const linkOf = (code: string): string => `${location.origin}${pathOf({ at: 'invite', code })}`;

const InviteEntry = ({
  invite,
  onRevoke,
}: {
  readonly invite: Invite;
  readonly onRevoke: () => void;
}) => {
  const app = useApp();
  const { code, uses, maxUses, expiresAt } = invite;
  const used = maxUses > 0 ? `${uses} of ${maxUses} uses` : counted(uses, 'use');
  const ends =
    expiresAt === undefined ? 'never expires' : `expires ${agoLabel(expiresAt, Date.now())}`;
  return (
    <li class="invite">
      <div>
        <input
          class="invite-link"
          readOnly
          value={linkOf(code)}
          aria-label="Invite link"
          onFocus={(event) => event.currentTarget.select()}
        />
        <p class="quiet">
          {used} · {ends}
        </p>
      </div>
      <Button onClick={() => void app.copy(linkOf(code), 'link')}>Copy</Button>
      <Button kind="danger" onClick={onRevoke}>
        Revoke
      </Button>
    </li>
  );
};
