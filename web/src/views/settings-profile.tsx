import { Avatar } from './avatar.tsx';
import { Button } from './button.tsx';
import { useApp, useChat } from './context.ts';
import { Field, FormError, useForm } from './form.tsx';
import { Name, Username } from './names.tsx';

/** The public profile. */
export const ProfileSettings = () => {
  const app = useApp();
  const { me, client } = useChat();
  const initial = { displayName: me.displayName, about: me.about ?? '', avatar: me.avatar ?? '' };
  const form = useForm(initial, async ({ displayName, about, avatar }, signal) => {
    const profile = {
      displayName: displayName.trim() || null,
      about: about.trim() || null,
      avatar: avatar.trim() || null,
    };
    await client.command('update-profile', profile, { signal });
    app.notify('Profile saved.');
  });
  const name = form.values.displayName || me.username;
  return (
    <form onSubmit={form.submit} aria-label="Profile">
      <div class="profile-head">
        <Avatar id={me.id} name={name} />
        <p>
          <Name text={name} />
          <Username text={me.username} />
        </p>
      </div>
      <Field {...{ form, name: 'displayName', label: 'Display name', maxLength: 100 }} />
      <Field {...{ form, name: 'about', label: 'About you', isLong: true, maxLength: 1024 }} />
      <Field
        {...{ form, name: 'avatar', label: 'Picture URL', type: 'url', placeholder: 'https://…' }}
        hint="For other programs. This page shows initials until files can be uploaded: loading a picture from another server would reveal to it who views it."
      />
      <FormError form={form} />
      <Button kind="main" type="submit" isBusy={form.isBusy}>
        Save
      </Button>
    </form>
  );
};
