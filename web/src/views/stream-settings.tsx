import { useRef, useState } from 'preact/hooks';
import { isolate } from '../../../src/text/direction.ts';
import type { CircleRoom } from '../state/circle-room.ts';
import { Button } from './button.tsx';
import { useApp, useChat } from './context.ts';
import { Dialog } from './dialog.tsx';
import { Field, FormError, type FormState, useForm } from './form.tsx';

type Props = { readonly room: CircleRoom; readonly close: () => void };

/** Creates a stream, and opens it. */
export const CreateStream = ({ room, close }: Props) => {
  const app = useApp();
  const { client } = useChat();
  const [name, setName] = useState('');
  const [topic, setTopic] = useState('');
  const [id] = useState(() => client.newId());
  const circle = room.id;
  const form = useForm(async (signal) => {
    const extras = topic.trim() === '' ? {} : { topic: topic.trim() };
    const stream = { circle, id, name: name.trim(), ...extras };
    await client.command('create-stream', stream, { signal });
    close();
    app.navigation.go({ at: 'circle', circle, stream: id });
  });
  return (
    <Dialog title={`New stream in ${isolate(room.entry.value.name)}`} onClose={close}>
      <form onSubmit={form.submit}>
        <StreamFields {...{ name, setName, topic, setTopic, form }} />
        <div class="dialog-actions">
          <Button onClick={close}>Cancel</Button>
          <Button kind="main" type="submit" isBusy={form.isBusy}>
            Create stream
          </Button>
        </div>
      </form>
    </Dialog>
  );
};

/** The name, topic and archived state of a stream, and its deletion. */
export const StreamSettings = ({
  room,
  stream: id,
  close,
}: Props & { readonly stream: string }) => {
  const app = useApp();
  const { client } = useChat();
  const stream = room.circle.value?.streams.find((each) => each.id === id);
  const [name, setName] = useState(stream?.name ?? '');
  const [topic, setTopic] = useState(stream?.topic ?? '');
  const s = `${room.id}/${id}`;
  const isArchived = stream?.archived === true;
  const change = useRef({});
  const form = useForm(async (signal) => {
    await client.command('update-stream', { s, ...change.current }, { signal });
    close();
  });
  const save = (event: Event): void => {
    change.current = { name: name.trim(), topic: topic.trim() || null };
    form.submit(event);
  };
  const archive = (): void => {
    change.current = { archived: !isArchived };
    form.submit();
  };
  const askToDelete = (): void => {
    app.overlay.value = {
      is: 'question',
      title: `Delete #${isolate(name)}?`,
      text: 'The stream and its messages are removed for all members. You can still read them under History. To keep it readable for all members, archive it instead.',
      action: 'Delete stream',
      run: (signal) => client.command('delete-stream', { s }, { signal }),
    };
  };
  return (
    <Dialog title="Stream settings" onClose={close}>
      <form onSubmit={save}>
        <StreamFields {...{ name, setName, topic, setTopic, form }} />
        <div class="dialog-actions">
          <Button kind="danger" onClick={askToDelete}>
            Delete
          </Button>
          <Button onClick={archive}>{isArchived ? 'Unarchive' : 'Archive'}</Button>
          <Button kind="main" type="submit" isBusy={form.isBusy}>
            Save
          </Button>
        </div>
      </form>
    </Dialog>
  );
};

type StreamFieldsProps = {
  readonly name: string;
  readonly setName: (name: string) => void;
  readonly topic: string;
  readonly setTopic: (topic: string) => void;
  readonly form: FormState;
};

const StreamFields = ({ name, setName, topic, setTopic, form }: StreamFieldsProps) => (
  <>
    <Field
      {...{ label: 'Name', name: 'name', value: name, onInput: setName, form, isRequired: true }}
      {...{ maxLength: 100, isFirst: true, placeholder: 'seedlings' }}
    />
    <Field
      {...{ label: 'Topic', name: 'topic', value: topic, onInput: setTopic, form, maxLength: 1024 }}
      hint="One line that describes the stream."
    />
    <FormError form={form} fields={['name', 'topic']} />
  </>
);
