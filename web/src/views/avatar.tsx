import { colourOf, initialsOf } from '../state/initials.ts';

export type AvatarProps = {
  /** Determines the colour. */
  readonly id: string;
  readonly name: string;
  readonly shape?: 'round' | 'square';
  readonly presence?: 'online' | 'idle' | 'offline' | undefined;
};

/**
 * The initials of a user or a circle. A picture from a user-provided URL would reveal the viewer's IP address to its
 * server.
 */
export const Avatar = ({ id, name, shape = 'round', presence }: AvatarProps) => (
  <span class={`avatar ${shape} tint-${colourOf(id)}`} aria-hidden="true">
    <span class="initials" data-initials={initialsOf(name)} />
    {presence && <span class={`presence ${presence}`} />}
  </span>
);
