import { colourOf, initialsOf } from '../state/initials.ts';

export type AvatarProps = {
  /** What its colour follows from. */
  readonly id: string;
  readonly name: string;
  readonly shape?: 'round' | 'square';
  readonly presence?: 'online' | 'idle' | 'offline' | undefined;
};

/**
 * The initials of a person or a circle, beside their name. A picture from the address that a user has set would be
 * loaded from that user's server, which would learn the reader's IP address.
 */
export const Avatar = ({ id, name, shape = 'round', presence }: AvatarProps) => (
  <span class={`avatar ${shape} tint-${colourOf(id)}`} aria-hidden="true">
    <span class="initials" data-initials={initialsOf(name)} />
    {presence && <span class={`presence ${presence}`} />}
  </span>
);
