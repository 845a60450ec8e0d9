import { useState } from 'preact/hooks';
import { Avatar } from './avatar.tsx';
import { Button } from './button.tsx';
import { useApp, useChat } from './context.ts';
import { Field, FormError, useForm } from './form.tsx';

/** The public profile. */
export const ProfileSettings = () => {
  const app = useApp();
  const { me, client } = useChat();
  const [displayName, setDisplayName] = useState(me.displayName);
  const [about, setAbout] = useState(me.about ?? '');
  const [avatar, setAvatar] = useState(me.avatar ?? '');
  const form = useForm(async (signal) => {
    const profile = {
      displayName: displayName.trim() || null,
      about: about.trim() || null,
      avatar: avatar.trim() || null,
    };
    await client.command('update-profile', profile, { signal });
    app.notify('Profile saved.');
  });
  return (
    <form onSubmit={form.submit} aria-label="Profile">
      <div class="profile-preview">
        <Avatar id={me.id} name={displayName || me.username} />
        <p>
          <strong>
            <bdi>{displayName || me.username}</bdi>
          </strong>
          <span class="quiet">
            @<bdi>{me.username}</bdi>
          </span>
        </p>
      </div>
      <Field
        {...{
          label: 'Display name',
          name: 'displayName',
          value: displayName,
          onInput: setDisplayName,
          form,
          maxLength: 100,
        }}
      />
      <Field
        {...{
          label: 'About you',
          name: 'about',
          value: about,
          onInput: setAbout,
          form,
          isLong: true,
          maxLength: 1024,
        }}
      />
      <Field
        {...{
          label: 'Picture URL',
          name: 'avatar',
          value: avatar,
          onInput: setAvatar,
          form,
          type: 'url',
        }}
        placeholder="https://…"
        hint="For other programs. This page shows initials until files can be uploaded: loading a picture from another server would reveal to it who views it."
      />
      <FormError form={form} fields={['displayName', 'about', 'avatar']} />
      <Button kind="main" type="submit" isBusy={form.isBusy}>
        Save
      </Button>
    </form>
  );
};
