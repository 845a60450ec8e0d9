import type { User } from '../../../src/client/objects.ts';
import { isolate } from '../../../src/text/direction.ts';
import type { CircleRoom } from '../state/circle-room.ts';
import { Avatar } from './avatar.tsx';
import { Button } from './button.tsx';
import { useApp, useChat } from './context.ts';
import { Dialog } from './dialog.tsx';
import { useForm } from './form.tsx';
import { useWriteTo } from './joining.ts';
import { Loaded, useLoading } from './loaded.tsx';
import { Name, Username } from './names.tsx';

export type PersonProps = {
  readonly user: string;
  readonly circle?: string;
  readonly close: () => void;
};

/** A user's profile card, with actions. */
export const PersonCard = ({ user, circle, close }: PersonProps) => {
  const app = useApp();
  const { people, memberships } = useChat();
  const room = circle === undefined ? undefined : memberships.circles.value.get(circle);
  const loading = useLoading(async () => people.learn([await app.http.user(user)]), [user]);
  const person = people.get(user);
  const name = room?.nameOf(user) ?? person?.displayName ?? '…';
  return (
    <Dialog title={isolate(name)} onClose={close} class="small">
      {person ? (
        <Profile {...{ person, name, room, close }} />
      ) : (
        <Loaded what="This person" loading={loading}>
          {() => null}
        </Loaded>
      )}
    </Dialog>
  );
};

type ProfileProps = {
  readonly person: User;
  readonly name: string;
  readonly room: CircleRoom | undefined;
  readonly close: () => void;
};

const Profile = ({ person, name, room, close }: ProfileProps) => {
  const { me } = useChat();
  const { id, displayName, username, about } = person;
  return (
    <>
      <div class="profile-head">
        <Avatar id={id} name={name} presence={room?.presenceOf(id)} />
        <p>
          {name !== displayName && <Name text={displayName} />}
          <Username text={username} />
        </p>
      </div>
      {about && (
        <p class="user-text" dir="auto">
          {about}
        </p>
      )}
      {id === me.id ? (
        <OwnActions close={close} />
      ) : (
        <OthersActions {...{ user: id, name, room }} />
      )}
    </>
  );
};

const OwnActions = ({ close }: { readonly close: () => void }) => {
  const { navigation } = useApp();
  const edit = (): void => {
    close();
    navigation.go({ at: 'settings', section: 'profile' });
  };
  return (
    <div class="dialog-actions">
      <Button onClick={edit}>Edit profile</Button>
    </div>
  );
};

type OthersProps = Pick<ProfileProps, 'name' | 'room'> & { readonly user: string };

const OthersActions = ({ user, name, room }: OthersProps) => {
  const app = useApp();
  const { client, me } = useChat();
  const writeTo = useWriteTo();
  const form = useForm({}, (_, signal) => writeTo(user, signal));
  const remove = (circle: string): void =>
    app.ask({
      title: `Remove ${isolate(name)}?`,
      text: `${isolate(name)} can no longer access this circle. Their messages stay.`,
      action: 'Remove',
      run: (signal) => client.command('remove-member', { circle, user }, { signal }),
    });
  return (
    <form class="dialog-actions" onSubmit={form.submit}>
      {form.error && <p class="hint error">{form.error.text}</p>}
      {room?.isOwner(me.id) && room.members.value?.has(user) && (
        <Button kind="danger" onClick={() => remove(room.id)}>
          Remove from circle
        </Button>
      )}
      <Button kind="main" type="submit" isBusy={form.isBusy}>
        Send a message
      </Button>
    </form>
  );
};
