import { useState } from 'preact/hooks';
import { isolate } from '../../../src/text/direction.ts';
import type { CircleRoom } from '../state/circle-room.ts';
import { Button } from './button.tsx';
import { CircleFields, type CircleWords } from './circle-fields.tsx';
import { useApp, useChat } from './context.ts';
import { Dialog } from './dialog.tsx';
import { useForm } from './form.tsx';

/** The settings of a circle, and its deletion. */
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
  const [words, setWords] = useState<CircleWords>({
    name: circle?.name ?? '',
    about: circle?.about ?? '',
    visibility: circle?.visibility ?? 'private',
  });
  const form = useForm(async (signal) => {
    const { name, about, visibility } = words;
    const change = { id, name: name.trim(), about: about.trim() || null, visibility };
    await client.command('update-circle', change, { signal });
    close();
  });
  const askToDelete = (): void => {
    app.overlay.value = {
      is: 'question',
      title: `Delete ${isolate(words.name)}?`,
      text: 'The circle, its streams and their messages are removed for all members. This cannot be undone. The operator of this server can still read them in its log.',
      action: 'Delete circle',
      run: (signal) => client.command('delete-circle', { id }, { signal }),
    };
  };
  return (
    <Dialog title="Circle settings" onClose={close}>
      <form onSubmit={form.submit}>
        <CircleFields {...{ words, onChange: setWords, form }} />
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
