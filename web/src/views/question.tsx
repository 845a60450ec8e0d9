import type { Question } from '../state/overlay.ts';
import { Button } from './button.tsx';
import { Dialog } from './dialog.tsx';
import { FormError, useForm } from './form.tsx';

/** A confirmation dialog. */
export const QuestionDialog = ({
  question,
  close,
}: {
  readonly question: Question;
  readonly close: () => void;
}) => {
  const form = useForm(async (signal) => {
    await question.run(signal);
    close();
  });
  return (
    <Dialog title={question.title} onClose={close} class="small">
      <form onSubmit={form.submit}>
        <p>{question.text}</p>
        <FormError form={form} />
        <div class="dialog-actions">
          <Button onClick={close}>Cancel</Button>
          <Button kind="danger" type="submit" isBusy={form.isBusy}>
            {question.action}
          </Button>
        </div>
      </form>
    </Dialog>
  );
};
