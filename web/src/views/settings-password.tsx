import { withText } from '../state/errors.ts';
import { Button } from './button.tsx';
import { useApp } from './context.ts';
import { Field, FormError, useForm } from './form.tsx';

const empty = { password: '', newPassword: '' };

/** Changes the password, which ends all other sessions. */
export const PasswordSettings = () => {
  const app = useApp();
  const form = useForm(empty, async ({ password, newPassword }) => {
    const changed = app.http.changePassword(password, newPassword);
    await withText(changed, 'forbidden', 'Wrong password.');
    form.set(empty);
    app.notify('Password changed. Your other sessions were logged out.');
  });
  const shared = { form, type: 'password', isRequired: true } as const;
  return (
    <form onSubmit={form.submit} aria-label="Password">
      <Field
        {...{ ...shared, name: 'password', label: 'Current password' }}
        autocomplete="current-password"
      />
      <Field
        {...{ ...shared, name: 'newPassword', label: 'New password', minLength: 8 }}
        autocomplete="new-password"
        hint="At least 8 characters. Your other sessions are logged out."
      />
      <FormError form={form} />
      <Button kind="main" type="submit" isBusy={form.isBusy}>
        Change password
      </Button>
    </form>
  );
};
