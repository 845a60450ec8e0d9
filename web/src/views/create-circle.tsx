import { useState } from 'preact/hooks';
import { Button } from './button.tsx';
import { CircleFields, type CircleWords } from './circle-fields.tsx';
import { useApp, useChat } from './context.ts';
import { Dialog } from './dialog.tsx';
import { useForm } from './form.tsx';

/** Creates a circle, and opens it. */
export const CreateCircle = ({ close }: { readonly close: () => void }) => {
  const app = useApp();
  const { client, memberships } = useChat();
  const [words, setWords] = useState<CircleWords>({ name: '', about: '', visibility: 'private' });
  const [id] = useState(() => client.newId());
  const form = useForm(async (signal) => {
    const { visibility } = words;
    const about = words.about.trim();
    const circle = { id, name: words.name.trim(), visibility, ...(about !== '' && { about }) };
    const made = await client.command('create-circle', circle, { signal });
    memberships.enter(made.circle);
    close();
    app.goToCircle(id);
  });
  return (
    <Dialog title="Create a circle" onClose={close}>
      <form onSubmit={form.submit}>
        <CircleFields {...{ words, onChange: setWords, form, isNew: true }} />
        <div class="dialog-actions">
          <Button onClick={close}>Cancel</Button>
          <Button kind="main" type="submit" isBusy={form.isBusy}>
            Create circle
          </Button>
        </div>
      </form>
    </Dialog>
  );
};
