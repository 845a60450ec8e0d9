import { useState } from 'preact/hooks';
import { isolate } from '../../../src/text/direction.ts';
import type { CircleRoom } from '../state/circle-room.ts';
import { Button } from './button.tsx';
import { useChat } from './context.ts';
import { Dialog } from './dialog.tsx';
import { Field, FormError, useForm } from './form.tsx';

/** The user's nickname in one circle. */
export const Nickname = ({
  room,
  close,
}: {
  readonly room: CircleRoom;
  readonly close: () => void;
}) => {
  const { client, me } = useChat();
  const name = room.nameOf(me.id);
  const [nickname, setNickname] = useState(name === me.displayName ? '' : name);
  const form = useForm(async (signal) => {
    const data = { circle: room.id, nickname: nickname.trim() || null };
    await client.command('set-member-data', data, { signal });
    close();
  });
  return (
    <Dialog
      title={`Your nickname in ${isolate(room.entry.value.name)}`}
      onClose={close}
      class="small"
    >
      <form onSubmit={form.submit}>
        <Field
          {...{ label: 'Nickname', name: 'nickname', value: nickname, onInput: setNickname, form }}
          {...{ maxLength: 100, isFirst: true, placeholder: me.displayName }}
          hint="Visible in this circle only. Leave empty to use your display name."
        />
        <FormError form={form} fields={['nickname']} />
        <div class="dialog-actions">
          <Button onClick={close}>Cancel</Button>
          <Button kind="main" type="submit" isBusy={form.isBusy}>
            Save
          </Button>
        </div>
      </form>
    </Dialog>
  );
};
