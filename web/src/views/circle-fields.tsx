import { Field, FormError, type FormState } from './form.tsx';
import { type Visibility, VisibilityChoice } from './visibility-choice.tsx';

/** The name, description and visibility of a circle, as typed. */
export type CircleWords = {
  readonly name: string;
  readonly about: string;
  readonly visibility: Visibility;
};

/** The fields to create or update a circle. */
export const CircleFields = ({
  words,
  onChange,
  form,
  isNew = false,
}: {
  readonly words: CircleWords;
  readonly onChange: (words: CircleWords) => void;
  readonly form: FormState;
  readonly isNew?: boolean;
}) => {
  const into =
    <Name extends keyof CircleWords>(name: Name) =>
    (value: CircleWords[Name]): void =>
      onChange({ ...words, [name]: value });
  const shared = { form, isRequired: true, minLength: 2, maxLength: 100 };
  return (
    <>
      <Field
        {...{ label: 'Name', name: 'name', value: words.name, onInput: into('name'), ...shared }}
        {...(isNew && { isFirst: true, placeholder: 'Night gardeners' })}
      />
      <Field
        {...{ label: 'Description', name: 'about', value: words.about, form }}
        {...{ onInput: into('about'), isLong: true, maxLength: 1024 }}
      />
      <VisibilityChoice value={words.visibility} onChange={into('visibility')} />
      <FormError form={form} fields={['name', 'about']} />
    </>
  );
};
