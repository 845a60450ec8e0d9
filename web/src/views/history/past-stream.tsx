import type { Message } from '../../../../src/client/objects.ts';
import { isolate } from '../../../../src/text/direction.ts';
import { exactLabel } from '../../state/labels.ts';
import { IconButton } from '../button.tsx';
import { Name } from '../names.tsx';
import { RichText } from '../rich-text.tsx';
import type { HistoryProps } from './history-page.tsx';

type PastStreamProps = Pick<HistoryProps, 'room' | 'past'> & { readonly stream: string };

/** The messages of a stream at the selected time. */
export const PastStream = ({ room, past, stream }: PastStreamProps) => {
  const known = past.shown.value?.streams.find(({ id }) => id === stream);
  const opened = past.opened.value;
  return (
    <section
      class="past-stream"
      aria-label={`Messages in ${known ? `#${isolate(known.name)}` : 'a stream'}`}
    >
      <h3>
        <IconButton
          icon="back"
          label="Back to the circle"
          onClick={() => void past.openStream(undefined)}
        />
        {known ? `#${isolate(known.name)}` : 'This stream did not exist'}
      </h3>
      {!opened && past.problem.value === '' && (
        <span class="spinner" role="status" aria-label="Loading messages" />
      )}
      {opened?.hasOlder && (
        <button type="button" class="text-button" onClick={() => void past.readOlder()}>
          Show earlier messages
        </button>
      )}
      {known && opened?.messages.length === 0 && (
        <p class="no-results">No messages at this time.</p>
      )}
      <ol>
        {opened?.messages.map((message) => (
          <PastMessage key={message.id} {...{ room, message }} />
        ))}
      </ol>
    </section>
  );
};

type PastMessageProps = Pick<HistoryProps, 'room'> & { readonly message: Message };

const PastMessage = ({ room, message }: PastMessageProps) => {
  const { at, by, text = '', deleted, editedAt, pinned, mentions, reactions = {} } = message;
  const marks = [editedAt !== undefined && 'edited', pinned && 'pinned'].filter(Boolean);
  return (
    <li class="past-message">
      <p class="message-head">
        <Name class="author" text={room.nameOf(by)} />
        <time dateTime={new Date(at).toISOString()}>{exactLabel(at)}</time>
        {marks.length > 0 && <span class="quiet">{marks.join(', ')}</span>}
      </p>
      {deleted ? (
        <p class="tombstone">This message was deleted.</p>
      ) : (
        <RichText {...{ text, mentions, room }} />
      )}
      {Object.keys(reactions).length > 0 && (
        <p class="quiet">
          {Object.entries(reactions)
            .map(([emoji, { count }]) => `${emoji} ${count}`)
            .join('  ')}
        </p>
      )}
    </li>
  );
};
