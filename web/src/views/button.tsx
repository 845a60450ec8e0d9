import type { ComponentChildren, Ref } from 'preact';
import { Icon, type IconName } from './icon.tsx';

export type IconButtonProps = {
  readonly icon: IconName;
  /** Its accessible name and tooltip. */
  readonly label: string;
  readonly onClick: (event: MouseEvent) => void;
  readonly isPressed?: boolean;
  readonly isExpanded?: boolean;
  readonly class?: string;
  readonly buttonRef?: Ref<HTMLButtonElement>;
};

export const IconButton = (props: IconButtonProps) => (
  <button
    type="button"
    ref={props.buttonRef ?? null}
    class={`icon-button ${props.class ?? ''}`}
    aria-label={props.label}
    title={props.label}
    aria-pressed={props.isPressed}
    aria-expanded={props.isExpanded}
    onClick={props.onClick}
  >
    <Icon name={props.icon} />
  </button>
);

export type ButtonProps = {
  readonly children: ComponentChildren;
  readonly kind?: 'main' | 'quiet' | 'danger';
  readonly type?: 'button' | 'submit';
  readonly isBusy?: boolean;
  /** Its accessible name, by default its text. */
  readonly label?: string;
  readonly onClick?: () => void;
};

export const Button = ({
  children,
  kind = 'quiet',
  type = 'button',
  isBusy,
  label,
  onClick,
}: ButtonProps) => (
  <button
    type={type}
    class={`button ${kind}`}
    aria-disabled={isBusy}
    aria-label={label}
    onClick={onClick}
  >
    {children}
  </button>
);
