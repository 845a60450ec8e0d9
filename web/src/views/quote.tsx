import { useState } from 'preact/hooks';
import { isolate } from '../../../src/text/direction.ts';
import { oneLine } from '../state/rich-text.ts';
import { type ConversationProps, useApp } from './context.ts';
import { Icon } from './icon.tsx';
import { Name } from './names.tsx';

export type QuoteProps = ConversationProps & { readonly id: string };

/** The replied-to message, as one line that links to it. */
export const Quote = ({ id, room, conversation }: QuoteProps) => {
  const app = useApp();
  const [isBusy, setBusy] = useState(false);
  const original = conversation.find(id);
  const go = async (): Promise<void> => {
    setBusy(true);
    const isFound = await conversation.jumpToId(id);
    setBusy(false);
    if (!isFound) app.notify('The original message could not be found.');
  };
  const of = original ? isolate(room.nameOf(original.by)) : 'an earlier message';
  return (
    <div class="quote" aria-busy={isBusy}>
      <button
        type="button"
        class="quote-button"
        aria-label={`In reply to ${of}, go to the message`}
        onClick={() => void go()}
      />
      <Icon name="reply" />
      {original ? (
        <>
          <Name text={room.nameOf(original.by)} />
          <bdi class="quote-text">
            {original.deleted ? 'deleted message' : oneLine(original.text ?? '')}
          </bdi>
        </>
      ) : (
        <span class="quote-text">an earlier message</span>
      )}
    </div>
  );
};
