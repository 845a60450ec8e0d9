import { colourOf, initialsOf } from '../state/initials.ts';

export type AvatarProps = {
  /** Determines the colour. */
  readonly id: string;
  readonly name: string;
  readonly isSquare?: boolean;
  readonly presence?: 'online' | 'idle' | 'offline' | undefined;
};

/**
 * The initials of a user or a circle. A picture from a user-provided URL would reveal the viewer's IP address to its
 * server.
 */
export const Avatar = ({ id, name, isSquare, presence }: AvatarProps) => (
  <span class={`avatar tint-${colourOf(id)} ${isSquare ? 'square' : ''}`} aria-hidden="true">
    <span class="initials" data-initials={initialsOf(name)} />
    {presence && presence !== 'offline' && <span class={`presence ${presence}`} />}
  </span>
);
