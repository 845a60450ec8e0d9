import { useState } from 'preact/hooks';
import { emoji, emojiOf } from '../state/emoji.ts';
import { Popover, PopoverButton } from './popover.tsx';

export type EmojiButtonProps = {
  readonly label: string;
  readonly onPick: (emoji: string) => void;
  /** Called when the picker opens and closes. */
  readonly onOpen?: (isOpen: boolean) => void;
};

/** A button that opens the picker. */
export const EmojiButton = ({ label, onPick, onOpen }: EmojiButtonProps) => (
  <PopoverButton icon="smile" {...{ label, onOpen }}>
    {(anchor, onClose) => <EmojiPicker {...{ anchor, onPick, onClose }} />}
  </PopoverButton>
);

type EmojiPickerProps = Pick<EmojiButtonProps, 'onPick'> & {
  readonly anchor: HTMLElement;
  readonly onClose: () => void;
};

const columns = 6;

/** Moves through the grid with the arrow keys. */
const move = (event: KeyboardEvent): void => {
  const step = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: columns, ArrowUp: -columns }[event.key];
  const grid = event.currentTarget as HTMLElement;
  const buttons = [...grid.querySelectorAll('button')];
  const index = buttons.indexOf(document.activeElement as HTMLButtonElement);
  if (step === undefined || index < 0) return;
  event.preventDefault();
  buttons[Math.max(0, Math.min(buttons.length - 1, index + step))]?.focus();
};

/** A grid of emoji, and an input for any other. */
const EmojiPicker = ({ anchor, onPick, onClose }: EmojiPickerProps) => {
  const [typed, setTyped] = useState('');
  const other = emojiOf(typed);
  const pick = (sign: string): void => {
    onClose();
    onPick(sign);
  };
  return (
    <Popover anchor={anchor} label="Choose an emoji" class="emoji-picker" onClose={onClose}>
      <form
        class="emoji-form"
        onSubmit={(event) => {
          event.preventDefault();
          if (other) pick(other);
        }}
      >
        <input
          type="text"
          aria-label="Another emoji"
          placeholder="Type any emoji"
          value={typed}
          onInput={(event) => setTyped(event.currentTarget.value)}
        />
        {other && (
          <button type="submit" class="emoji" aria-label={`Choose ${other}`}>
            {other}
          </button>
        )}
      </form>
      <div class="emoji-grid" role="toolbar" aria-label="Common emoji" onKeyDown={move}>
        {emoji.map(([sign, words]) => (
          <button
            key={sign}
            type="button"
            class="emoji"
            aria-label={`${sign} ${words}`}
            title={words}
            onClick={() => pick(sign)}
          >
            {sign}
          </button>
        ))}
      </div>
    </Popover>
  );
};
