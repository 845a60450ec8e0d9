import { useState } from 'preact/hooks';
import { Button } from './button.tsx';
import { useApp } from './context.ts';
import { Field, FormError, useForm } from './form.tsx';

/** Changes the password, which ends all other sessions. */
export const PasswordSettings = () => {
  const app = useApp();
  const [password, setPassword] = useState('');
  const [newPassword, setNewPassword] = useState('');
  const form = useForm(async () => {
    await app.http.changePassword(password, newPassword);
    setPassword('');
    setNewPassword('');
    app.notify('Password changed. Your other sessions were logged out.');
  });
  const isWrong = form.error?.code === 'forbidden' && form.error.field === 'password';
  const shown =
    isWrong && form.error ? { ...form, error: { ...form.error, text: 'Wrong password.' } } : form;
  return (
    <form onSubmit={form.submit} aria-label="Password">
      <Field
        {...{ label: 'Current password', name: 'password', value: password, onInput: setPassword }}
        {...{ form: shown, type: 'password', isRequired: true, autocomplete: 'current-password' }}
      />
      <Field
        {...{
          label: 'New password',
          name: 'newPassword',
          value: newPassword,
          onInput: setNewPassword,
        }}
        {...{
          form,
          type: 'password',
          isRequired: true,
          minLength: 8,
          autocomplete: 'new-password',
        }}
        hint="At least 8 characters. Your other sessions are logged out."
      />
      <FormError form={form} fields={['password', 'newPassword']} />
      <Button kind="main" type="submit" isBusy={form.isBusy}>
        Change password
      </Button>
    </form>
  );
};
