import type { InvitePreview } from '../../../src/client/objects.ts';
import { codeOf, errorText } from '../state/errors.ts';
import { agoLabel, counted } from '../state/labels.ts';
import { Avatar } from './avatar.tsx';
import { Button } from './button.tsx';
import { useApp, useChat } from './context.ts';
import { useJoin } from './joining.ts';
import { Loaded, useLoading } from './loaded.tsx';
import { Main } from './main-area.tsx';
import { EmptyPage } from './not-found.tsx';

/** A preview of the circle of an invite. */
export const InvitePage = ({ code }: { readonly code: string }) => {
  const { http } = useApp();
  const loading = useLoading(() => http.invite(code), [code]);
  const error = loading.error.value;
  if (['invite-invalid', 'not-found'].includes(codeOf(error) ?? '')) {
    const text = `${errorText(error)} Ask the sender for a new one.`;
    return <EmptyPage label="Invite" title="Invalid invite" text={text} />;
  }
  return (
    <Main class="middle empty" label="Invite">
      {!loading.value.value && <h1 class="visually-hidden">Invite</h1>}
      <Loaded what="The invite" loading={loading}>
        {(preview) => <Preview {...{ preview, code }} />}
      </Loaded>
    </Main>
  );
};

const Preview = ({ preview, code }: { readonly preview: InvitePreview; readonly code: string }) => {
  const app = useApp();
  const { memberships } = useChat();
  const join = useJoin();
  const { circle, expiresAt } = preview;
  const isIn = memberships.circles.value.has(circle.id);
  return (
    <div class="empty-box invite-card">
      <Avatar id={circle.id} name={circle.name} isSquare />
      <p class="quiet">You are invited to</p>
      <h1>
        <bdi>{circle.name}</bdi>
      </h1>
      {circle.about && <p dir="auto">{circle.about}</p>}
      <p class="quiet">
        {counted(circle.members, 'member')}
        {expiresAt !== undefined && ` · the invite expires ${agoLabel(expiresAt, Date.now())}`}
      </p>
      {isIn ? (
        <Button kind="main" onClick={() => app.goToCircle(circle.id)}>
          Open the circle
        </Button>
      ) : (
        <Button kind="main" onClick={() => void join(circle.id, code)}>
          Join <bdi>{circle.name}</bdi>
        </Button>
      )}
    </div>
  );
};
