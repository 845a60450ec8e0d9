import { isolate } from '../../../src/text/direction.ts';
import { Button } from './button.tsx';
import { CircleFields, type CircleInput } from './circle-fields.tsx';
import { useApp, useChat } from './context.ts';
import type { CircleDialogProps } from './dialog.tsx';
import { FormDialog, useForm } from './form.tsx';

/** The settings of a circle, and its deletion. */
export const CircleSettings = ({ room, close }: CircleDialogProps) => {
  const app = useApp();
  const { client } = useChat();
  const { id } = room;
  const { name = '', about = '', visibility = 'private' } = room.circle.value ?? {};
  const form = useForm<CircleInput>({ name, about, visibility }, async (words, signal) => {
    const change = { ...words, id, name: words.name.trim(), about: words.about.trim() || null };
    await client.command('update-circle', change, { signal });
    close();
  });
  const askToDelete = (): void =>
    app.ask({
      title: `Delete ${isolate(form.values.name)}?`,
      text: 'The circle, its streams and their messages are removed for all members. This cannot be undone. The operator of this server can still read them in its log.',
      action: 'Delete circle',
      run: (signal) => client.command('delete-circle', { id }, { signal }),
    });
  const others = (
    <Button kind="danger" onClick={askToDelete}>
      Delete circle
    </Button>
  );
  return (
    <FormDialog title="Circle settings" action="Save" {...{ form, others, close }}>
      <CircleFields form={form} />
    </FormDialog>
  );
};
