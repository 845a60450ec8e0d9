import { Field, type FormState } from './form.tsx';
import { type Visibility, VisibilityChoice } from './visibility-choice.tsx';

/** The name, description and visibility of a circle, as typed. */
export type CircleInput = {
  readonly name: string;
  readonly about: string;
  readonly visibility: Visibility;
};

export type CircleFieldsProps = {
  readonly form: FormState<CircleInput>;
  readonly isNew?: boolean;
};

/** The fields to create or update a circle. */
export const CircleFields = ({ form, isNew }: CircleFieldsProps) => (
  <>
    <Field
      {...{ form, name: 'name', label: 'Name', isRequired: true, minLength: 2, maxLength: 100 }}
      {...(isNew && { isFirst: true, placeholder: 'Night gardeners' })}
    />
    <Field {...{ form, name: 'about', label: 'Description', isLong: true, maxLength: 1024 }} />
    <VisibilityChoice
      value={form.values.visibility}
      onChange={(visibility) => form.set({ visibility })}
    />
  </>
);
