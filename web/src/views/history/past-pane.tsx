import type { Member, Stream } from '../../../../src/client/objects.ts';
import { isolate } from '../../../../src/text/direction.ts';
import type { PastState } from '../../state/history/past.ts';
import { counted, dateLabel, exactLabel } from '../../state/labels.ts';
import { Avatar } from '../avatar.tsx';
import { Icon } from '../icon.tsx';
import { Name, PersonLine } from '../names.tsx';
import type { HistoryProps } from './history-page.tsx';
import { PastStream } from './past-stream.tsx';

type PastProps = Pick<HistoryProps, 'room' | 'past'>;

/** The circle at the selected time: name, members, streams. */
export const PastPane = ({ room, past }: PastProps) => {
  const then = past.shown.value;
  const at = (then ?? { at: past.at.value }).at;
  const title = at === undefined ? 'Current state' : 'Past state';
  return (
    <section class="pane past" aria-label={title} aria-busy={past.isBusy.value}>
      <h2>{title}</h2>
      <p class="quiet" role="status">
        {at === undefined ? 'now' : exactLabel(at)}
      </p>
      {past.problem.value !== '' && (
        <p class="hint error" role="alert">
          {past.problem.value}
        </p>
      )}
      {!then && past.problem.value === '' && (
        <span class="spinner" role="status" aria-label="Loading past state" />
      )}
      {then && past.stream.value !== undefined && (
        <PastStream {...{ room, past, stream: past.stream.value }} />
      )}
      {then && past.stream.value === undefined && (
        <>
          <PastCircle {...{ room, then }} />
          <PastStreams {...{ then, past }} />
          <PastMembers {...{ room, past, then }} />
        </>
      )}
    </section>
  );
};

type StateProps = Pick<HistoryProps, 'room'> & { readonly then: PastState };

const PastCircle = ({ room, then: { circle } }: StateProps) => (
  <div class="past-circle">
    <Avatar id={room.id} name={circle.name} isSquare />
    <p>
      <Name text={circle.name} />
      <span class="quiet">
        {circle.visibility}
        {circle.owner !== undefined && ` · owned by ${isolate(room.nameOf(circle.owner))}`}
      </span>
      {circle.about !== undefined && (
        <span class="user-text" dir="auto">
          {circle.about}
        </span>
      )}
    </p>
  </div>
);

const PastStreams = ({ then, past }: Pick<HistoryProps, 'past'> & { readonly then: PastState }) => (
  <section aria-label="Streams">
    <h3 class="group">
      Streams <span class="quiet">{then.streams.length}</span>
    </h3>
    <ul>
      {then.streams.map((stream) => (
        <li key={stream.id}>
          <PastStreamButton stream={stream} onOpen={() => void past.openStream(stream.id)} />
        </li>
      ))}
    </ul>
  </section>
);

type StreamButtonProps = { readonly stream: Stream; readonly onOpen: () => void };

const PastStreamButton = ({ stream: { name, topic, archived }, onOpen }: StreamButtonProps) => (
  <button type="button" class="member" onClick={onOpen}>
    <Icon name={archived ? 'archive' : 'hash'} />
    <span class="member-name">
      <span>
        <bdi>{name}</bdi>
        {archived && <span class="role">archived</span>}
      </span>
      {topic !== undefined && <bdi class="quiet">{topic}</bdi>}
    </span>
  </button>
);

const PastMembers = ({ room, past, then }: StateProps & Pick<HistoryProps, 'past'>) => {
  const { members, nextMembers, circle } = then;
  return (
    <section aria-label="Members">
      <h3 class="group">
        Members <span class="quiet">{circle.members}</span>
      </h3>
      <ul>
        {members.map((member) => (
          <PastMember key={member.user.id} {...{ room, member, owner: circle.owner }} />
        ))}
      </ul>
      {nextMembers !== undefined && (
        <button type="button" class="text-button" onClick={() => void past.readMoreMembers()}>
          Show more of {counted(circle.members, 'member')}
        </button>
      )}
    </section>
  );
};

type MemberProps = Pick<HistoryProps, 'room'> & {
  readonly member: Member;
  readonly owner: string | undefined;
};

const PastMember = ({ room, member, owner }: MemberProps) => {
  const { user, nickname, joinedAt } = member;
  const name = nickname ?? user.displayName;
  const today = room.members.value;
  // In a large circle not all members are loaded.
  const isGone = today?.size === room.circle.value?.members && today?.has(user.id) === false;
  return (
    <li class="member">
      <PersonLine
        {...{ id: user.id, name, username: user.username }}
        marks={
          <>
            {user.id === owner && <span class="role">owner</span>}
            {isGone && <span class="role">no longer a member</span>}
          </>
        }
      >
        {' '}
        · since {dateLabel(joinedAt)}
      </PersonLine>
    </li>
  );
};
