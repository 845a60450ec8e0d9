import { useState } from 'preact/hooks';
import type { User } from '../../../src/client/objects.ts';
import type { App } from '../app.ts';
import type { Chat } from '../state/chat.ts';
import { codeOf } from '../state/errors.ts';
import { useApp, useChat } from './context.ts';
import { Field, FormDialog, useForm } from './form.tsx';
import { useWriteTo } from './joining.ts';
import { PersonLine } from './names.tsx';

/** Starts a direct conversation by username, or by a known name of the user. */
export const NewDirect = ({ close }: { readonly close: () => void }) => {
  const app = useApp();
  const chat = useChat();
  const writeTo = useWriteTo();
  const [found, setFound] = useState<readonly User[]>();
  const form = useForm({ username: '' }, async ({ username }, signal) => {
    setFound(undefined);
    const query = username.trim().replace(/^@/, '');
    const user = await userOf(query, app);
    if (user && user.id !== chat.me.id) return writeTo(user.id, signal);
    // Names are not unique: the user chooses among the matches.
    const called = await usersNamed(query, chat);
    setFound(called.filter(({ id }) => id !== chat.me.id));
  });
  const hint =
    found?.length === 0
      ? 'No other user has this name.'
      : 'A username, or the name of a member of one of your circles.';
  return (
    <FormDialog title="New direct message" action="Start conversation" isSmall {...{ form, close }}>
      <Field
        {...{ form, name: 'username', label: 'Username or name', hint, isRequired: true }}
        {...{ isFirst: true, placeholder: 'ada' }}
      />
      {found && found.length > 0 && (
        <Namesakes users={found} onChoose={(id) => app.attempt(writeTo(id))} />
      )}
    </FormDialog>
  );
};

/** The user with that username, if any. */
const userOf = async (name: string, { http }: App): Promise<User | undefined> => {
  try {
    return await http.userByName(name);
  } catch (error) {
    // A display name may have characters that no username has.
    if (['not-found', 'bad-request'].includes(codeOf(error) ?? '')) return undefined;
    throw error;
  }
};

/** The users with that name in the user's circles. */
const usersNamed = async (name: string, chat: Chat): Promise<readonly User[]> => {
  for (const room of chat.memberships.circles.peek().values()) await room.openMembers();
  return chat.named(name);
};

type NamesakesProps = {
  readonly users: readonly User[];
  readonly onChoose: (user: string) => void;
};

/** Users with the same name, to choose from. */
const Namesakes = ({ users, onChoose }: NamesakesProps) => (
  <ul aria-label="People with this name">
    {users.map(({ id, displayName, username }) => (
      <li key={id}>
        <button type="button" class="member" onClick={() => onChoose(id)}>
          <PersonLine {...{ id, name: displayName, username }} />
        </button>
      </li>
    ))}
  </ul>
);
