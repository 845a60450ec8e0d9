import { useEffect, useState } from 'preact/hooks';
import type { Code } from '../browser/highlighter.ts';
import type { Token } from '../highlighting/colour.ts';
import { useApp } from './context.ts';

export type CodeBlockProps = { readonly text: string; readonly language?: string | undefined };

/** Code, highlighted once the tokens are available. */
export const CodeBlock = ({ text, language }: CodeBlockProps) => (
  <pre dir="ltr" data-language={language}>
    <code>{language === undefined ? text : <Coloured {...{ text, language }} />}</code>
  </pre>
);

const Coloured = ({ text, language }: Code) => {
  const { highlighter } = useApp();
  const [tokens, setTokens] = useState<readonly Token[]>();
  useEffect(() => {
    let isOver = false;
    setTokens(undefined);
    void highlighter.coloured({ language, text }).then((found) => {
      if (!isOver) setTokens(found);
    });
    return () => {
      isOver = true;
    };
  }, [highlighter, language, text]);
  if (!tokens) return <>{text}</>;
  return (
    <>
      {tokens.map(({ text: piece, scope }, index) =>
        scope === undefined ? (
          piece
        ) : (
          <span key={index} class={`code-${scope}`}>
            {piece}
          </span>
        ),
      )}
    </>
  );
};
