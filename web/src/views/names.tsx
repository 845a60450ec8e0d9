import type { ComponentChildren } from 'preact';
import { Avatar, type AvatarProps } from './avatar.tsx';

/** A name, whose direction does not affect the text around it. */
export const Name = ({ text, class: name }: { readonly text: string; readonly class?: string }) => (
  <strong>
    <bdi class={name}>{text}</bdi>
  </strong>
);

export type UsernameProps = { readonly text: string; readonly children?: ComponentChildren };

export const Username = ({ text, children }: UsernameProps) => (
  <span class="quiet">
    @<bdi>{text}</bdi>
    {children}
  </span>
);

export type PersonLineProps = AvatarProps & {
  readonly username: string;
  /** Next to the name. */
  readonly marks?: ComponentChildren;
  /** Next to the username. */
  readonly children?: ComponentChildren;
};

/** A user in a list: the avatar, the name and the username. */
export const PersonLine = ({ username, marks, children, ...avatar }: PersonLineProps) => (
  <>
    <Avatar {...avatar} />
    <span class="member-name">
      <span>
        <bdi>{avatar.name}</bdi>
        {marks}
      </span>
      <Username text={username}>{children}</Username>
    </span>
  </>
);
