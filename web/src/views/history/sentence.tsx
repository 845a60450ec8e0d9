import { type Part, shortened } from '../../state/history/sentences.ts';
import { Name } from '../names.tsx';
import type { HistoryProps } from './history-page.tsx';

export type SentenceProps = Pick<HistoryProps, 'room' | 'past'> & {
  readonly parts: readonly Part[];
};

/** An event as a sentence, with current names unless it contains its own. */
export const Sentence = ({ parts, room, past }: SentenceProps) => (
  <span class="sentence">
    {parts.map((part, index) => (
      <PartView key={index} {...{ part, room, past }} />
    ))}
  </span>
);

type PartProps = Omit<SentenceProps, 'parts'> & { readonly part: Part };

const PartView = ({ part, room, past }: PartProps) => {
  if (typeof part === 'string') return <>{part}</>;
  if ('user' in part) return <Name text={room.nameOf(part.user)} />;
  if ('quote' in part)
    return (
      <span class="quoted">
        “<bdi>{shortened(part.quote)}</bdi>”
      </span>
    );
  const streams = [...room.streams, ...(past.shown.value?.streams ?? [])];
  const name = part.name ?? streams.find(({ id }) => id === part.stream)?.name;
  if (name === undefined) return <>a deleted stream</>;
  return (
    <strong>
      #<bdi>{name}</bdi>
    </strong>
  );
};
