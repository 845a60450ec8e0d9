import { useEffect, useState } from 'preact/hooks';
import type { ServerInfo } from '../../../src/client/objects.ts';
import { withText } from '../state/errors.ts';
import { inviteCodeOf } from '../state/route.ts';
import { Button } from './button.tsx';
import { useApp } from './context.ts';
import { Field, FormError, useForm } from './form.tsx';
import { Mark } from './icon.tsx';
import { Main } from './main-area.tsx';

const cookiesBlocked = 'This browser blocks cookies for this site: allow them and log in again.';

/** What the server tells before a login; undefined until it has. */
const useServer = (): ServerInfo | undefined => {
  const { http } = useApp();
  const [server, setServer] = useState<ServerInfo>();
  useEffect(() => {
    // Without it the forms are those of a server where everybody may register.
    void http.server().then(setServer, () => undefined);
  }, [http]);
  return server;
};

/** The login and registration page. */
export const SignIn = () => {
  const [wantsNew, setNew] = useState(false);
  const { registration = 'open', name = 'Oshi' } = useServer() ?? {};
  const isNew = wantsNew && registration !== 'closed';
  return (
    <div class="sign-in">
      <Welcome name={name} />
      <Main class="sign-in-side" label="Log in">
        <div class="sign-in-box">
          <h2>{isNew ? 'Create your account' : 'Welcome back'}</h2>
          <InviteHint />
          <SignInForm key={String(isNew)} {...{ isNew, registration }} />
          {registration === 'closed' ? (
            <p class="switch-sign-in">New accounts are not accepted here.</p>
          ) : (
            <p class="switch-sign-in">
              {isNew ? 'Already have an account?' : 'New here?'}{' '}
              <button type="button" class="text-button" onClick={() => setNew(!isNew)}>
                {isNew ? 'Log in' : 'Create an account'}
              </button>
            </p>
          )}
        </div>
      </Main>
    </div>
  );
};

const Welcome = ({ name }: { readonly name: string }) => (
  <header class="welcome-side">
    <p class="wordmark">
      <Mark /> {name}
    </p>
    <h1>
      A calm place
      <br />
      for your circles.
    </h1>
    <p class="pitch">
      Create a circle for the people you care about, and talk in streams. It runs on a server of
      your own, and every message is kept.
    </p>
    <svg class="rings" viewBox="0 0 600 600" aria-hidden="true">
      <circle cx="300" cy="300" r="120" />
      <circle cx="300" cy="300" r="200" />
      <circle cx="300" cy="300" r="280" />
      <circle class="dot" fill="#ffb84d" cx="385" cy="215" r="20" />
      <circle class="dot wide-screen-only" fill="#ff8fb3" cx="110" cy="360" r="28" />
      <circle class="dot" fill="#8fd6b4" cx="420" cy="460" r="16" />
      <circle class="dot" fill="#b9a6ff" cx="240" cy="26" r="22" />
      <circle class="dot wide-screen-only" fill="#fff4f8" cx="200" cy="368" r="14" />
    </svg>
  </header>
);

/** Shown to users who open an invite before they are logged in: it is opened afterwards. */
const InviteHint = () => {
  const route = useApp().navigation.route.value;
  if (route.at !== 'invite') return null;
  return (
    <p class="invite-hint">
      You have been invited to a circle. Log in or create an account to view the invite.
    </p>
  );
};

type SignInFormProps = Pick<ServerInfo, 'registration'> & { readonly isNew: boolean };

const SignInForm = ({ isNew, registration }: SignInFormProps) => {
  const app = useApp();
  const route = app.navigation.route.value;
  const needsInvite = isNew && registration === 'invite';
  const invited = route.at === 'invite' ? route.code : '';
  const empty = { username: '', displayName: '', password: '', invite: invited };
  const form = useForm(empty, async ({ username, displayName, password, ...given }) => {
    const { http } = app;
    const invite = needsInvite ? inviteCodeOf(given.invite) : undefined;
    const who = { username: username.trim(), password };
    const name = displayName.trim();
    if (isNew) await http.register({ ...who, displayName: name || undefined, invite });
    else await withText(http.logIn(who), 'unauthenticated', 'Incorrect username or password.');
    // A browser that blocks cookies has no session now.
    const me = await withText(http.me(), 'unauthenticated', cookiesBlocked);
    const joined = invite === undefined ? undefined : (await http.circles()).circles[0];
    app.logIn(me);
    if (joined) app.goToCircle(joined.id);
  });
  return (
    <form onSubmit={form.submit} aria-label={isNew ? 'Create an account' : 'Log in'}>
      <Field
        {...{ form, name: 'username', label: 'Username', isRequired: true, isFirst: true }}
        autocomplete="username"
        hint={
          isNew ? 'Letters, digits, “_”, “.” and “-”. Others use it to mention you.' : undefined
        }
      />
      {isNew && (
        <Field
          {...{ form, name: 'displayName', label: 'Display name', maxLength: 100 }}
          autocomplete="name"
          hint="The name others see. You can change it at any time."
        />
      )}
      <Field
        {...{ form, name: 'password', label: 'Password', type: 'password', isRequired: true }}
        {...(isNew && { minLength: 8, hint: 'At least 8 characters.' })}
        autocomplete={isNew ? 'new-password' : 'current-password'}
      />
      {needsInvite && (
        <Field
          {...{ form, name: 'invite', label: 'Invite', isRequired: true }}
          hint="A link or a code from a member of a circle here. You join that circle."
        />
      )}
      <FormError form={form} />
      <Button kind="main" type="submit" isBusy={form.isBusy}>
        {isNew ? 'Create account' : 'Log in'}
      </Button>
    </form>
  );
};
