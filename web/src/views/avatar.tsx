import { useState } from 'preact/hooks';
import { colourOf, initialsOf } from '../state/labels.ts';

export type AvatarProps = {
  /** What its colour follows from. */
  readonly id: string;
  readonly name: string;
  readonly url?: string | undefined;
  readonly shape?: 'round' | 'square';
  readonly presence?: 'online' | 'idle' | 'offline' | undefined;
};

/** A picture of a person or a circle, or its letters; the name stands beside it. */
export const Avatar = ({ id, name, url, shape = 'round', presence }: AvatarProps) => {
  const [broken, setBroken] = useState<string>();
  // While an address is typed it may be anything.
  const isShown = url !== undefined && /^https?:\/\//i.test(url) && url !== broken;
  return (
    <span class={`avatar ${shape} tint-${colourOf(id)}`} aria-hidden="true">
      {isShown ? (
        <img
          src={url}
          alt=""
          loading="lazy"
          referrerpolicy="no-referrer"
          onError={() => setBroken(url)}
        />
      ) : (
        <span class="initials" data-initials={initialsOf(name)} />
      )}
      {presence && <span class={`presence ${presence}`} />}
    </span>
  );
};
