import { useState } from 'preact/hooks';
import type { CircleRoom } from '../state/circle-room.ts';
import { Button } from './button.tsx';
import { useApp, useChat } from './context.ts';
import { Dialog } from './dialog.tsx';
import { Field, FormError, useForm } from './form.tsx';
import { VisibilityChoice } from './visibility-choice.tsx';

/** What a circle is called, who may find it, and its end. */
export const CircleSettings = ({
  room,
  close,
}: {
  readonly room: CircleRoom;
  readonly close: () => void;
}) => {
  const app = useApp();
  const { client } = useChat();
  const { id } = room;
  const circle = room.circle.value;
  const [name, setName] = useState(circle?.name ?? '');
  const [about, setAbout] = useState(circle?.about ?? '');
  const [visibility, setVisibility] = useState(circle?.visibility ?? 'private');
  const form = useForm(async () => {
    const change = { id, name: name.trim(), about: about.trim() || null, visibility };
    await client.command('update-circle', change);
    close();
  });
  const askToDelete = (): void => {
    app.overlay.value = {
      is: 'question',
      title: `Delete ${name}?`,
      text: 'The circle, its streams and everything said in them go away for everybody. This cannot be undone.',
      action: 'Delete circle',
      run: () => client.command('delete-circle', { id }),
    };
  };
  return (
    <Dialog title="Circle settings" onClose={close}>
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
          {...{ minLength: 2, maxLength: 100 }}
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
          <Button kind="danger" onClick={askToDelete}>
            Delete circle
          </Button>
          <Button kind="main" type="submit" isBusy={form.isBusy}>
            Save
          </Button>
        </div>
      </form>
    </Dialog>
  );
};
