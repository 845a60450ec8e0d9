import { type Badge as Counts, countLabel } from '../state/badges.ts';
import { counted } from '../state/labels.ts';

/** The number of unread messages; in the accent colour for mentions and direct messages. */
export const Badge = ({
  unread,
  mentions,
  isPersonal,
}: Pick<Counts, 'unread' | 'mentions'> & { readonly isPersonal?: boolean }) => {
  if (unread === 0) return null;
  const isLoud = mentions > 0 || isPersonal;
  const words = counted(unread, 'unread message');
  return (
    <span class={isLoud ? 'badge prominent' : 'badge'}>
      <span aria-hidden="true">{countLabel(mentions > 0 ? mentions : unread)}</span>
      <span class="visually-hidden">
        , {words}
        {mentions > 0 && `, ${counted(mentions, 'mention')}`}
      </span>
    </span>
  );
};
