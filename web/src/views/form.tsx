import type { ComponentChildren } from 'preact';
import { useEffect, useId, useRef, useState } from 'preact/hooks';
import { errorText, fieldOf } from '../state/errors.ts';
import { Button } from './button.tsx';
import { useApp } from './context.ts';
import { Dialog } from './dialog.tsx';

type Values = Readonly<Record<string, string>>;

export type FormState<V extends Values = Values> = {
  readonly values: V;
  /** The names of the values with a `Field`, which shows its own error. */
  readonly fields: Set<string>;
  set(change: Partial<V>): void;
  readonly isBusy: boolean;
  /** The error, and its field, if any. */
  readonly error: { readonly text: string; readonly field: string | undefined } | undefined;
  readonly submit: (event: Event) => void;
  /** Runs another action of the form, once at a time, and shows its error. */
  readonly run: (action: (signal: AbortSignal) => Promise<unknown>) => void;
};

/**
 * The state of a form with these values: runs `submit` once at a time, and shows its error next to the field. The
 * signal is aborted when the form is closed: what was not sent yet is never executed.
 */
export const useForm = <V extends Values>(
  initial: V,
  submit: (values: V, signal: AbortSignal) => Promise<unknown>,
): FormState<V> => {
  const [values, setValues] = useState(initial);
  const [isBusy, setBusy] = useState(false);
  const [error, setError] = useState<FormState['error']>();
  const [fields] = useState(() => new Set<string>());
  const isRunning = useRef(false);
  const [closing] = useState(() => new AbortController());
  useEffect(() => () => closing.abort(), []);
  const run: FormState['run'] = async (action) => {
    if (isRunning.current) return;
    isRunning.current = true;
    setBusy(true);
    setError(undefined);
    try {
      await action(closing.signal);
    } catch (cause) {
      if (closing.signal.aborted) return;
      setError({ text: errorText(cause), field: fieldOf(cause) });
    }
    isRunning.current = false;
    setBusy(false);
  };
  return {
    ...{ values, fields, isBusy, error, run },
    set: (change) => setValues((before) => ({ ...before, ...change })),
    submit: (event) => {
      event.preventDefault();
      run((signal) => submit(values, signal));
    },
  };
};

export type FieldProps<V extends Values> = {
  readonly form: FormState<V>;
  readonly name: keyof V & string;
  readonly label: string;
  readonly hint?: ComponentChildren;
  readonly type?: 'text' | 'password' | 'url';
  readonly isLong?: boolean;
  readonly isRequired?: boolean;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly autocomplete?: string;
  readonly placeholder?: string;
  readonly isFirst?: boolean;
};

/** An input with its label, hint and error. */
export const Field = <V extends Values>(props: FieldProps<V>) => {
  const { label, name, form, hint, isLong, isFirst } = props;
  const id = useId();
  form.fields.add(name);
  const problem = form.error?.field === name ? form.error.text : undefined;
  const shared = {
    ...{
      id,
      name,
      value: form.values[name],
      placeholder: props.placeholder,
      autocomplete: props.autocomplete,
    },
    ...{ required: props.isRequired, minLength: props.minLength, maxLength: props.maxLength },
    ...{ dir: 'auto' as const, autofocus: isFirst, 'aria-invalid': problem !== undefined },
    'aria-describedby': problem || hint ? `${id}-hint` : undefined,
    onInput: (event: Event) => {
      const { value } = event.target as HTMLInputElement;
      form.set({ [name]: value } as Partial<V>);
    },
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
        <p id={`${id}-hint`} class={problem ? 'hint error' : 'hint'}>
          {problem ?? hint}
        </p>
      )}
    </div>
  );
};

/** The error of the form, unless it is of one of its fields. */
export const FormError = ({ form }: { readonly form: FormState }) => {
  const { error, isBusy, fields } = form;
  const connection = useApp().chat.value?.connection.value ?? 'open';
  const isElsewhere = error?.field !== undefined && fields.has(error.field);
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

export type FormDialogProps = {
  readonly title: string;
  readonly form: FormState;
  /** The label of the button that submits. */
  readonly action: string;
  readonly isDanger?: boolean;
  readonly isSmall?: boolean;
  readonly close: () => void;
  readonly children: ComponentChildren;
  /** Other buttons; by default one to cancel. */
  readonly others?: ComponentChildren;
};

/** A dialog that is a form. */
export const FormDialog = (props: FormDialogProps) => {
  const { title, form, action, isDanger, isSmall, close, children } = props;
  return (
    <Dialog title={title} onClose={close} class={isSmall ? 'small' : ''}>
      <form onSubmit={form.submit}>
        {children}
        <FormError form={form} />
        <div class="dialog-actions">
          {props.others ?? <Button onClick={close}>Cancel</Button>}
          <Button kind={isDanger ? 'danger' : 'main'} type="submit" isBusy={form.isBusy}>
            {action}
          </Button>
        </div>
      </form>
    </Dialog>
  );
};
