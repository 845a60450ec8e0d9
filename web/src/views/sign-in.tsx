import { useState } from 'preact/hooks';
import { OshiError } from '../../../src/client/error.ts';
import type { Http } from '../../../src/client/http.ts';
import type { User } from '../../../src/client/objects.ts';
import { codeOf } from '../state/errors.ts';
import { Button } from './button.tsx';
import { useApp } from './context.ts';
import { Field, FormError, useForm } from './form.tsx';
import { Mark } from './icon.tsx';
import { Main } from './main-area.tsx';

/** The login and registration page. */
export const SignIn = () => {
  const [isNew, setNew] = useState(false);
  return (
    <div class="sign-in">
      <Welcome />
      <Main class="sign-in-side" label="Log in">
        <div class="sign-in-box">
          <h2>{isNew ? 'Create your account' : 'Welcome back'}</h2>
          <InviteHint />
          <SignInForm key={String(isNew)} isNew={isNew} />
          <p class="switch-sign-in">
            {isNew ? 'Already have an account?' : 'New here?'}{' '}
            <button type="button" class="text-button" onClick={() => setNew(!isNew)}>
              {isNew ? 'Log in' : 'Create an account'}
            </button>
          </p>
        </div>
      </Main>
    </div>
  );
};

const Welcome = () => (
  <header class="welcome-side">
    <p class="wordmark">
      <Mark /> Oshi
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
      <circle class="dot a" cx="385" cy="215" r="20" />
      <circle class="dot b" cx="110" cy="360" r="28" />
      <circle class="dot c" cx="420" cy="460" r="16" />
      <circle class="dot d" cx="240" cy="26" r="22" />
      <circle class="dot e" cx="200" cy="368" r="14" />
    </svg>
  </header>
);

/** Tells users who follow an invite before they are logged in that it is kept. */
const InviteHint = () => {
  const route = useApp().navigation.route.value;
  if (route.at !== 'invite') return null;
  return (
    <p class="invite-hint">
      You have been invited to a circle. Log in or create an account to view the invite.
    </p>
  );
};

/** The user of the session cookie after a login; rejects if the browser did not keep the cookie. */
const sessionUser = async (http: Http): Promise<User> => {
  try {
    return await http.me();
  } catch (error) {
    if (codeOf(error) !== 'unauthenticated') throw error;
    const message = 'This browser blocks cookies for this site: allow them and log in again';
    throw new OshiError(message, { code: 'cookies-blocked', cause: error });
  }
};

const SignInForm = ({ isNew }: { readonly isNew: boolean }) => {
  const app = useApp();
  const [username, setUsername] = useState('');
  const [displayName, setDisplayName] = useState('');
  const [password, setPassword] = useState('');
  const form = useForm(async () => {
    const who = { username: username.trim(), password };
    if (isNew) {
      const name = displayName.trim();
      await app.http.register(name === '' ? who : { ...who, displayName: name });
    } else await app.http.logIn(who);
    app.logIn(await sessionUser(app.http));
  });
  return (
    <form onSubmit={form.submit} aria-label={isNew ? 'Create an account' : 'Log in'}>
      <Field
        {...{ label: 'Username', name: 'username', value: username, onInput: setUsername, form }}
        {...{ isRequired: true, isFirst: true, autocomplete: 'username' }}
        hint={
          isNew ? 'Letters, digits, “_”, “.” and “-”. Others use it to mention you.' : undefined
        }
      />
      {isNew && (
        <Field
          {...{ label: 'Display name', name: 'displayName', form, autocomplete: 'name' }}
          {...{ value: displayName, onInput: setDisplayName, maxLength: 100 }}
          hint="The name others see. You can change it at any time."
        />
      )}
      <Field
        {...{ label: 'Password', name: 'password', value: password, onInput: setPassword, form }}
        {...{ type: 'password', isRequired: true, ...(isNew && { minLength: 8 }) }}
        autocomplete={isNew ? 'new-password' : 'current-password'}
        hint={isNew ? 'At least 8 characters.' : undefined}
      />
      <SignInError {...{ form, isNew }} />
      <Button kind="main" type="submit" isBusy={form.isBusy}>
        {isNew ? 'Create account' : 'Log in'}
      </Button>
    </form>
  );
};

const SignInError = ({
  form,
  isNew,
}: {
  readonly form: ReturnType<typeof useForm>;
  readonly isNew: boolean;
}) => {
  const { error } = form;
  const isRefused = !isNew && error?.code === 'unauthenticated';
  if (isRefused) {
    return (
      <div role="alert" class="form-error">
        <p>Incorrect username or password.</p>
      </div>
    );
  }
  return <FormError form={form} fields={['username', 'displayName', 'password']} />;
};
