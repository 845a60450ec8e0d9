import { useState } from 'preact/hooks';
import { isolate } from '../../../src/text/direction.ts';
import { Button } from './button.tsx';
import { useApp, useChat } from './context.ts';
import type { CircleDialogProps } from './dialog.tsx';
import { Field, FormDialog, type FormState, useForm } from './form.tsx';

/** Creates a stream, and opens it. */
export const CreateStream = ({ room, close }: CircleDialogProps) => {
  const app = useApp();
  const { client } = useChat();
  const [id] = useState(() => client.newId());
  const circle = room.id;
  const form = useForm({ name: '', topic: '' }, async ({ name, topic }, signal) => {
    const extras = topic.trim() === '' ? {} : { topic: topic.trim() };
    const stream = { circle, id, name: name.trim(), ...extras };
    await client.command('create-stream', stream, { signal });
    close();
    app.navigation.go({ at: 'circle', circle, stream: id });
  });
  const title = `New stream in ${isolate(room.entry.value.name)}`;
  return (
    <FormDialog action="Create stream" {...{ title, form, close }}>
      <StreamFields form={form} />
    </FormDialog>
  );
};

export type StreamSettingsProps = CircleDialogProps & { readonly stream: string };

/** The name, topic and archived state of a stream, and its deletion. */
export const StreamSettings = ({ room, stream: id, close }: StreamSettingsProps) => {
  const app = useApp();
  const { client } = useChat();
  const stream = room.stream(id);
  const s = `${room.id}/${id}`;
  const update = async (
    change: { name: string; topic: string | null } | { archived: boolean },
    signal: AbortSignal,
  ): Promise<void> => {
    await client.command('update-stream', { s, ...change }, { signal });
    close();
  };
  const form = useForm(
    { name: stream?.name ?? '', topic: stream?.topic ?? '' },
    ({ name, topic }, signal) => update({ name: name.trim(), topic: topic.trim() || null }, signal),
  );
  const isArchived = stream?.archived === true;
  const archive = (): void => form.run((signal) => update({ archived: !isArchived }, signal));
  const askToDelete = (): void =>
    app.ask({
      title: `Delete #${isolate(form.values.name)}?`,
      text: 'The stream and its messages are removed for all members. You can still read them under History. To keep it readable for all members, archive it instead.',
      action: 'Delete stream',
      run: (signal) => client.command('delete-stream', { s }, { signal }),
    });
  const others = (
    <>
      <Button kind="danger" onClick={askToDelete}>
        Delete
      </Button>
      <Button onClick={archive}>{isArchived ? 'Unarchive' : 'Archive'}</Button>
    </>
  );
  return (
    <FormDialog title="Stream settings" action="Save" {...{ form, others, close }}>
      <StreamFields form={form} />
    </FormDialog>
  );
};

type StreamFieldsProps = { readonly form: FormState<{ name: string; topic: string }> };

const StreamFields = ({ form }: StreamFieldsProps) => (
  <>
    <Field
      {...{ form, name: 'name', label: 'Name', isRequired: true, maxLength: 100, isFirst: true }}
      placeholder="seedlings"
    />
    <Field
      {...{ form, name: 'topic', label: 'Topic', maxLength: 1024 }}
      hint="One line that describes the stream."
    />
  </>
);
