import { useComputed } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { Member } from '../../../src/client/objects.ts';
import { compareNames } from '../../../src/text/order.ts';
import type { CircleRoom } from '../state/circle-room.ts';
import { useApp, useChat } from './context.ts';
import { Failure } from './loaded.tsx';
import { PersonLine } from './names.tsx';

/** The members of a circle, online ones first. */
export const Members = ({ room }: { readonly room: CircleRoom }) => {
  useEffect(() => void room.openMembers(), [room]);
  const groups = useComputed(() => {
    const nameOf = ({ user }: Member): string => room.nameOf(user.id);
    const all = [...(room.members.value?.values() ?? [])].toSorted((a, b) =>
      compareNames(nameOf(a), nameOf(b)),
    );
    const isHere = ({ user }: Member) => room.presence.value.has(user.id);
    return { here: all.filter(isHere), away: all.filter((member) => !isHere(member)) };
  }).value;
  const problem = room.membersProblem.value;
  const connection = useChat().connection.value;
  useEffect(() => {
    if (connection === 'open' && problem !== '') void room.openMembers();
  }, [connection]);
  if (problem !== '')
    return <Failure {...{ what: 'The members', problem, retry: () => void room.openMembers() }} />;
  if (!room.members.value)
    return <span class="spinner" role="status" aria-label="Loading members" />;
  return (
    <div class="side-body">
      <MemberGroup title="Online" members={groups.here} room={room} />
      <MemberGroup title="Offline" members={groups.away} room={room} />
    </div>
  );
};

type GroupProps = {
  readonly title: string;
  readonly members: readonly Member[];
  readonly room: CircleRoom;
};

const MemberGroup = ({ title, members, room }: GroupProps) => {
  const { isPhone } = useApp();
  if (members.length === 0) return null;
  // One level below the heading of the pane.
  const Heading = isPhone.value ? 'h2' : 'h3';
  return (
    <section aria-label={title}>
      <Heading class="group">
        {title} <span class="quiet">{members.length}</span>
      </Heading>
      <ul>
        {members.map(({ user }) => (
          <MemberEntry key={user.id} {...{ id: user.id, username: user.username, room }} />
        ))}
      </ul>
    </section>
  );
};

type EntryProps = { readonly id: string; readonly username: string; readonly room: CircleRoom };

const MemberEntry = ({ id, username, room }: EntryProps) => {
  const app = useApp();
  const name = room.nameOf(id);
  const presence = room.presenceOf(id);
  const isOwner = room.isOwner(id);
  return (
    <li>
      <button
        type="button"
        class={`member ${presence}`}
        onClick={() => app.show({ is: 'person', user: id, circle: room.id })}
      >
        <PersonLine
          {...{ id, name, username, presence }}
          marks={isOwner && <span class="role">owner</span>}
        />
        {presence !== 'offline' && <span class="visually-hidden">, {presence}</span>}
      </button>
    </li>
  );
};
