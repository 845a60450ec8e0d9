import { themes } from '../browser/theme.ts';
import { capitalized } from '../state/labels.ts';
import { useApp } from './context.ts';

/** The colour theme. */
export const AppearanceSettings = () => {
  const { theme } = useApp();
  return (
    <fieldset class="choices">
      <legend>Colours</legend>
      {themes.map((name) => (
        <label key={name} class={`choice theme-${name}`}>
          <input
            type="radio"
            name="theme"
            checked={theme.value === name}
            onChange={() => {
              theme.value = name;
            }}
          />
          <span class="swatch" aria-hidden="true" />
          {capitalized(name)}
        </label>
      ))}
    </fieldset>
  );
};
