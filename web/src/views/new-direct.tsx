import { useState } from 'preact/hooks';
import { codeOf } from '../state/errors.ts';
import { Button } from './button.tsx';
import { useApp, useChat } from './context.ts';
import { Dialog } from './dialog.tsx';
import { Field, FormError, useForm } from './form.tsx';
import { useWriteTo } from './joining.ts';

/** Begins a conversation with somebody, by their username. */
export const NewDirect = ({ close }: { readonly close: () => void }) => {
  const app = useApp();
  const { me } = useChat();
  const writeTo = useWriteTo();
  const [username, setUsername] = useState('');
  const [isUnknown, setUnknown] = useState(false);
  const form = useForm(async () => {
    setUnknown(false);
    try {
      const user = await app.http.userByName(username.trim().replace(/^@/, ''));
      if (user.id === me.id) setUnknown(true);
      else await writeTo(user.id);
    } catch (error) {
      if (codeOf(error) !== 'not-found') throw error;
      setUnknown(true);
    }
  });
  const hint = isUnknown
    ? 'There is nobody else of that name here.'
    : 'The name by which they log in, as it stands behind the @.';
  return (
    <Dialog title="Write to somebody" onClose={close} class="small">
      <form onSubmit={form.submit}>
        <Field
          {...{ label: 'Username', name: 'username', value: username, onInput: setUsername, hint }}
          {...{ isRequired: true, isFirst: true, placeholder: 'ada' }}
        />
        <FormError form={form} />
        <div class="dialog-actions">
          <Button onClick={close}>Cancel</Button>
          <Button kind="main" type="submit" isBusy={form.isBusy}>
            Start conversation
          </Button>
        </div>
      </form>
    </Dialog>
  );
};
