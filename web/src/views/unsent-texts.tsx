import { useApp, useChat } from './context.ts';

/** Unsent texts in a stream that is no longer writable, to copy or discard. */
export const UnsentTexts = ({ s }: { readonly s: string }) => {
  const app = useApp();
  const { drafts, outboxes } = useChat();
  const draft = drafts.of(s).text;
  const unsent = outboxes.of(s).value;
  const texts = [
    ...unsent.map(({ id, text }) => ({ id, text, discard: () => outboxes.discard(s, id) })),
    ...(draft.value === ''
      ? []
      : [{ id: 'draft', text: draft.value, discard: () => (draft.value = '') }]),
  ];
  if (texts.length === 0) return null;
  return (
    <section aria-label="Unsent messages" class="unsent-texts">
      <p>These messages were not sent:</p>
      <ul>
        {texts.map(({ id, text, discard }) => (
          <li key={id}>
            <p class="unsent-text user-text" dir="auto">
              {text}
            </p>
            <button type="button" class="text-button" onClick={() => void app.copy(text, 'text')}>
              Copy
            </button>
            <button type="button" class="text-button" onClick={discard}>
              Discard
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
};
