import { inviteCodeOf } from '../state/route.ts';
import { useApp } from './context.ts';
import { Field, FormDialog, useForm } from './form.tsx';

/** An input for an invite, which opens its preview. */
export const JoinByLink = ({ close }: { readonly close: () => void }) => {
  const app = useApp();
  const form = useForm({ link: '' }, async ({ link }) => {
    const code = inviteCodeOf(link);
    if (code === undefined) return;
    close();
    app.navigation.go({ at: 'invite', code });
  });
  return (
    <FormDialog title="Join with a link" action="View invite" isSmall {...{ form, close }}>
      <Field
        {...{ form, name: 'link', label: 'Invite link or code', isRequired: true, isFirst: true }}
        placeholder={`${location.origin}/invite/…`}
      />
    </FormDialog>
  );
};
