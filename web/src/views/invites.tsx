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
import { Select } from './select.tsx';

const dayMs = 86_400_000;

const lives = [
  [String(dayMs), '1 day'],
  [String(7 * dayMs), '7 days'],
  [String(30 * dayMs), '30 days'],
  ['0', 'never'],
] as const;

const usesMax = [0, 1, 5, 25, 100].map(
  (uses) => [String(uses), uses === 0 ? 'unlimited' : counted(uses, 'use')] as const,
);

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
  const initial = { expiresIn: String(7 * dayMs), maxUses: '0' };
  const form = useForm(initial, async ({ expiresIn, maxUses }, signal) => {
    const data = { circle, expiresIn: Number(expiresIn), maxUses: Number(maxUses) };
    const { invite } = await client.command('create-invite', data, { signal });
    onMade(invite);
    await app.copy(linkOf(invite.code), 'link');
  });
  return (
    <form onSubmit={form.submit} class="invite-form">
      <Select
        label="Expires after"
        options={lives}
        value={form.values.expiresIn}
        onChange={(expiresIn) => form.set({ expiresIn })}
      />
      <Select
        label="Maximum uses"
        options={usesMax}
        value={form.values.maxUses}
        onChange={(maxUses) => form.set({ maxUses })}
      />
      <Button kind="main" type="submit" isBusy={form.isBusy}>
        Create link
      </Button>
      <FormError form={form} />
    </form>
  );
};

const linkOf = (code: string): string => `${location.origin}${pathOf({ at: 'invite', code })}`;

type InviteEntryProps = { readonly invite: Invite; readonly onRevoke: () => void };

const InviteEntry = ({ invite, onRevoke }: InviteEntryProps) => {
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
