export type Visibility = 'public' | 'private';

const choices = [
  ['private', 'Private', 'Only who is invited gets in, and nobody else knows of it.'],
  ['public', 'Public', 'Everybody on this server can find it and join.'],
] as const;

/** Who may find a circle and come in. */
export const VisibilityChoice = ({
  value,
  onChange,
}: {
  readonly value: Visibility;
  readonly onChange: (value: Visibility) => void;
}) => (
  <fieldset class="choices tall">
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
