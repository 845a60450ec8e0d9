import type { ComponentChildren } from 'preact';
import { useEffect, useId, useRef, useState } from 'preact/hooks';
import { codeOf, fieldOf, wordsFor } from '../state/errors.ts';
import { useApp } from './context.ts';

export type FormState = {
  readonly isBusy: boolean;
  /** The error, and its field, if any. */
  readonly error:
    | {
        readonly text: string;
        readonly field: string | undefined;
        readonly code: string | undefined;
      }
    | undefined;
  readonly submit: (event?: Event) => void;
};

/**
 * The state of a form: runs `run` once at a time, and shows its error next to the field. The signal is aborted when
 * the form is closed: what was not sent yet is never executed.
 */
export const useForm = (run: (signal: AbortSignal) => Promise<unknown>): FormState => {
  const [isBusy, setBusy] = useState(false);
  const [error, setError] = useState<FormState['error']>();
  const isRunning = useRef(false);
  const [closing] = useState(() => new AbortController());
  useEffect(() => () => closing.abort(), []);
  const go = async (): Promise<void> => {
    if (isRunning.current) return;
    isRunning.current = true;
    setBusy(true);
    setError(undefined);
    try {
      await run(closing.signal);
    } catch (cause) {
      if (closing.signal.aborted) return;
      setError({ text: wordsFor(cause), field: fieldOf(cause), code: codeOf(cause) });
    }
    isRunning.current = false;
    setBusy(false);
  };
  const submit = (event?: Event): void => {
    event?.preventDefault();
    void go();
  };
  return { isBusy, error, submit };
};

export type FieldProps = {
  readonly label: string;
  readonly name: string;
  readonly value: string;
  readonly onInput: (value: string) => void;
  readonly form?: FormState;
  readonly hint?: ComponentChildren;
  readonly type?: 'text' | 'password' | 'url' | 'search';
  readonly isLong?: boolean;
  readonly isRequired?: boolean;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly autocomplete?: string;
  readonly placeholder?: string;
  readonly isFirst?: boolean;
};

/** An input with its label, hint and error. */
export const Field = (props: FieldProps) => {
  const { label, name, value, onInput, form, hint, isLong, isFirst } = props;
  const id = useId();
  const problem = form?.error?.field === name ? form.error.text : undefined;
  const shared = {
    ...{ id, name, value, placeholder: props.placeholder, autocomplete: props.autocomplete },
    ...{ required: props.isRequired, minLength: props.minLength, maxLength: props.maxLength },
    ...{ dir: 'auto' as const, autofocus: isFirst, 'aria-invalid': problem !== undefined },
    'aria-describedby': problem || hint ? `${id}-hint` : undefined,
    onInput: (event: Event) => onInput((event.target as HTMLInputElement).value),
  };
  return (
    <div class="field">
      <label for={id}>{label}</label>
      {isLong ? (
        <textarea {...shared} rows={3} />
      ) : (
        <input
          {...shared}
          type={(props.type ?? 'text') as 'text'}
          autocapitalize="off"
          spellcheck={false}
        />
      )}
      {(problem || hint) && (
        <p id={`${id}-hint`} class={problem ? 'hint wrong' : 'hint'}>
          {problem ?? hint}
        </p>
      )}
    </div>
  );
};

/** The error of the whole form. */
export const FormError = ({
  form,
  fields = [],
}: {
  readonly form: FormState;
  readonly fields?: readonly string[];
}) => {
  const { error, isBusy } = form;
  const connection = useApp().chat.value?.connection.value ?? 'open';
  const isElsewhere = error?.field !== undefined && fields.includes(error.field);
  return (
    <div role="alert" class="form-error">
      {error && !isElsewhere && <p>{error.text}</p>}
      {isBusy && connection !== 'open' && (
        <p>
          You are offline. This will be saved when the connection is back, unless you close the
          dialog.
        </p>
      )}
    </div>
  );
};
