import type { Question } from '../state/overlay.ts';
import { FormDialog, useForm } from './form.tsx';

export type QuestionProps = { readonly question: Question; readonly close: () => void };

/** A confirmation dialog. */
export const QuestionDialog = ({ question, close }: QuestionProps) => {
  const { title, text, action, run } = question;
  const form = useForm({}, async (_, signal) => {
    await run(signal);
    close();
  });
  return (
    <FormDialog isDanger isSmall {...{ title, action, form, close }}>
      <p>{text}</p>
    </FormDialog>
  );
};
