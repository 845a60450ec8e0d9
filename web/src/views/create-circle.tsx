import { useState } from 'preact/hooks';
import { Button } from './button.tsx';
import { useApp, useChat } from './context.ts';
import { Dialog } from './dialog.tsx';
import { Field, FormError, useForm } from './form.tsx';
import { type Visibility, VisibilityChoice } from './visibility-choice.tsx';

/** Makes a circle, and goes there. */
export const CreateCircle = ({ close }: { readonly close: () => void }) => {
  const app = useApp();
  const { client, memberships } = useChat();
  const [name, setName] = useState('');
  const [about, setAbout] = useState('');
  const [visibility, setVisibility] = useState<Visibility>('private');
  const [id] = useState(() => client.newId());
  const form = useForm(async () => {
    const extras = about.trim() === '' ? {} : { about: about.trim() };
    const circle = { id, name: name.trim(), visibility, ...extras };
    const made = await client.command('create-circle', circle);
    memberships.enter(made.circle);
    close();
    app.goToCircle(id);
  });
  return (
    <Dialog title="Make a circle" onClose={close}>
      <form onSubmit={form.submit}>
        <Field
          {...{
            label: 'Name',
            name: 'name',
            value: name,
            onInput: setName,
            form,
            isRequired: true,
          }}
          {...{ minLength: 2, maxLength: 100, isFirst: true, placeholder: 'Night gardeners' }}
        />
        <Field
          {...{
            label: 'What it is about',
            name: 'about',
            value: about,
            onInput: setAbout,
            form,
            isLong: true,
            maxLength: 1024,
          }}
        />
        <VisibilityChoice value={visibility} onChange={setVisibility} />
        <FormError form={form} fields={['name', 'about']} />
        <div class="dialog-actions">
          <Button onClick={close}>Cancel</Button>
          <Button kind="main" type="submit" isBusy={form.isBusy}>
            Make circle
          </Button>
        </div>
      </form>
    </Dialog>
  );
};
