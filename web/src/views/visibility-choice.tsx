export type Visibility = 'public' | 'private';

const choices = [
  ['private', 'Private', 'Only people with an invite can find and join it.'],
  ['public', 'Public', 'Anyone on this server can find and join it.'],
] as const;

export type VisibilityChoiceProps = {
  readonly value: Visibility;
  readonly onChange: (value: Visibility) => void;
};

/** Who can find and join a circle. */
export const VisibilityChoice = ({ value, onChange }: VisibilityChoiceProps) => (
  <fieldset class="choices">
    <legend>Who can join</legend>
    {choices.map(([name, title, text]) => (
      <label key={name} class="choice">
        <input
          type="radio"
          name="visibility"
          checked={value === name}
          onChange={() => onChange(name)}
        />
        <span>
          <strong>{title}</strong>
          <span class="quiet">{text}</span>
        </span>
      </label>
    ))}
  </fieldset>
);
