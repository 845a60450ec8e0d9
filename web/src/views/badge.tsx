import { type Counts, countLabel } from '../state/badges.ts';
import { counted } from '../state/labels.ts';

export type BadgeProps = Counts & { readonly isPersonal?: boolean };

/** The number of unread messages; in the accent colour for mentions and direct messages. */
export const Badge = ({ unread, mentions, isPersonal }: BadgeProps) => {
  if (unread === 0) return null;
  const isProminent = mentions > 0 || isPersonal;
  const words = counted(unread, 'unread message');
  return (
    <span class={isProminent ? 'badge prominent' : 'badge'}>
      <span aria-hidden="true">{countLabel(mentions > 0 ? mentions : unread)}</span>
      <span class="visually-hidden">
        , {words}
        {mentions > 0 && `, ${counted(mentions, 'mention')}`}
      </span>
    </span>
  );
};
