const isField = (target: EventTarget | null): boolean =>
  target instanceof Element && target.matches('input, textarea');

/** Files, and anything dropped outside a field, would be opened by the browser instead of the page. */
export const refuseDrops = (): void => {
  const refuse = (event: DragEvent): void => {
    const { dataTransfer, target } = event;
    if (isField(target) && !dataTransfer?.types.includes('Files')) return;
    event.preventDefault();
    if (dataTransfer) dataTransfer.dropEffect = 'none';
  };
  addEventListener('dragover', refuse);
  addEventListener('drop', refuse);
};
