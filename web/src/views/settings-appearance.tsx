import { type Theme, themes } from '../browser/theme.ts';
import { useApp } from './context.ts';

const words: Readonly<Record<Theme, string>> = {
  system: 'System',
  light: 'Light',
  dark: 'Dark',
};

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
          {words[name]}
        </label>
      ))}
    </fieldset>
  );
};
