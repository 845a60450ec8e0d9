import type { Candidate } from '../state/completion.ts';
import { Avatar } from './avatar.tsx';
import type { Mentions } from './composer.tsx';
import { Name, Username } from './names.tsx';

export const completionId = 'people-to-mention';

export type CompletionListProps = {
  readonly mention: Mentions;
  readonly complete: (person: Candidate) => void;
};

/** The users to mention; the focus stays in the composer. */
export const CompletionList = ({ mention, complete }: CompletionListProps) => (
  <div class="completions" id={completionId} role="listbox" aria-label="People to mention">
    {mention.people.map((person, index) => (
      // biome-ignore lint/a11y/useKeyWithClickEvents: the keys are handled by the textarea.
      // biome-ignore lint/a11y/useFocusableInteractive: the focus stays in the textarea.
      <div
        key={person.id}
        id={`${completionId}-${index}`}
        role="option"
        aria-selected={index === mention.chosen}
        onPointerDown={(event) => event.preventDefault()}
        onPointerMove={() => mention.choose(index)}
        onClick={() => complete(person)}
      >
        <Avatar id={person.id} name={person.name} />
        <Name text={person.name} />
        <Username text={person.username} />
      </div>
    ))}
  </div>
);
