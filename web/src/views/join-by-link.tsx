import { useState } from 'preact/hooks';
import { inviteCodeOf } from '../state/route.ts';
import { Button } from './button.tsx';
import { useApp } from './context.ts';
import { Dialog } from './dialog.tsx';
import { Field, useForm } from './form.tsx';

/** An input for an invite, which opens its preview. */
export const JoinByLink = ({ close }: { readonly close: () => void }) => {
  const app = useApp();
  const [link, setLink] = useState('');
  const form = useForm(async () => {
    const code = inviteCodeOf(link);
    if (code === undefined) return;
    close();
    app.navigation.go({ at: 'invite', code });
  });
  return (
    <Dialog title="Join with a link" onClose={close} class="small">
      <form onSubmit={form.submit}>
        <Field
          {...{ label: 'Invite link or code', name: 'link', value: link, onInput: setLink }}
          {...{ isRequired: true, isFirst: true, placeholder: `${location.origin}/invite/…` }}
        />
        <div class="dialog-actions">
          <Button onClick={close}>Cancel</Button>
          <Button kind="main" type="submit" isBusy={form.isBusy}>
            View invite
          </Button>
        </div>
      </form>
    </Dialog>
  );
};
