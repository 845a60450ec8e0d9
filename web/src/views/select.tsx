export type SelectProps = {
  readonly label: string;
  /** Values and their labels. */
  readonly options: readonly (readonly [value: string, label: string])[];
  readonly value: string;
  readonly onChange: (value: string) => void;
};

/** A choice from a list. */
export const Select = ({ label, options, value, onChange }: SelectProps) => (
  <label>
    <span>{label}</span>
    <select onChange={(event) => onChange(event.currentTarget.value)}>
      {options.map(([each, text]) => (
        <option key={each} value={each} selected={each === value}>
          {text}
        </option>
      ))}
    </select>
  </label>
);
