import { wholeList } from '../../../src/client/http.ts';
import type { Conversation } from '../state/conversation.ts';
import { fullLabel } from '../state/labels.ts';
import { useApp } from './context.ts';
import { Dialog } from './dialog.tsx';
import { Loaded, useLoading } from './loaded.tsx';

export type EditsProps = {
  readonly conversation: Conversation;
  readonly id: string;
  readonly close: () => void;
};

/** The previous and current texts of a message, oldest first. */
export const Edits = ({ conversation, id, close }: EditsProps) => {
  const { http } = useApp();
  const read = () => wholeList((page) => http.edits(conversation.s, id, page), 'edits');
  const loading = useLoading(read, [conversation, id]);
  const message = conversation.find(id);
  const newest =
    message?.text === undefined ? [] : [{ at: message.editedAt ?? message.at, text: message.text }];
  return (
    <Dialog title="Edit history" onClose={close}>
      <Loaded what="The edit history" loading={loading}>
        {(edits) => (
          <ol class="edits">
            {[...edits, ...newest].map(({ at, text }) => (
              <li key={at}>
                <p class="quiet">{fullLabel(at)}</p>
                <p class="user-text" dir="auto">
                  {text}
                </p>
              </li>
            ))}
          </ol>
        )}
      </Loaded>
    </Dialog>
  );
};
