import { isolate } from '../../../src/text/direction.ts';
import { useChat } from './context.ts';
import type { CircleDialogProps } from './dialog.tsx';
import { Field, FormDialog, useForm } from './form.tsx';

/** The user's nickname in one circle. */
export const Nickname = ({ room, close }: CircleDialogProps) => {
  const { client, me } = useChat();
  const name = room.nameOf(me.id);
  const initial = { nickname: name === me.displayName ? '' : name };
  const form = useForm(initial, async ({ nickname }, signal) => {
    const data = { circle: room.id, nickname: nickname.trim() || null };
    await client.command('set-member-data', data, { signal });
    close();
  });
  const title = `Your nickname in ${isolate(room.entry.value.name)}`;
  return (
    <FormDialog action="Save" isSmall {...{ title, form, close }}>
      <Field
        {...{ form, name: 'nickname', label: 'Nickname', maxLength: 100, isFirst: true }}
        placeholder={me.displayName}
        hint="Visible in this circle only. Leave empty to use your display name."
      />
    </FormDialog>
  );
};
