import { useState } from 'preact/hooks';
import { CircleFields, type CircleInput } from './circle-fields.tsx';
import { useApp, useChat } from './context.ts';
import { FormDialog, useForm } from './form.tsx';

/** Creates a circle, and opens it. */
export const CreateCircle = ({ close }: { readonly close: () => void }) => {
  const app = useApp();
  const { client, memberships } = useChat();
  const [id] = useState(() => client.newId());
  const empty: CircleInput = { name: '', about: '', visibility: 'private' };
  const form = useForm(empty, async ({ name, about, visibility }, signal) => {
    const extras = about.trim() === '' ? {} : { about: about.trim() };
    const circle = { id, name: name.trim(), visibility, ...extras };
    const made = await client.command('create-circle', circle, { signal });
    memberships.enter(made.circle);
    close();
    app.goToCircle(id);
  });
  return (
    <FormDialog title="Create a circle" action="Create circle" {...{ form, close }}>
      <CircleFields form={form} isNew />
    </FormDialog>
  );
};
