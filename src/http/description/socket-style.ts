/** The style of the page of the socket, in light and dark, on phones and wide screens. */
export const socketStyle = `:root {
  color-scheme: light dark;
  --text: light-dark(#1c1b22, #ececf1);
  --quiet: light-dark(#5b5966, #a9a7b4);
  --ground: light-dark(#fbfaf8, #17161c);
  --panel: light-dark(#ffffff, #201f27);
  --line: light-dark(#e4e1da, #34323d);
  --accent: light-dark(#8a2f4f, #f09ab7);
}

body {
  box-sizing: border-box;
  max-width: 60rem;
  margin: 0 auto;
  padding: clamp(1.25rem, 5vw, 3rem) 1.25rem;
  background: var(--ground);
  color: var(--text);
  font: 1rem/1.6 system-ui, sans-serif;
}

h1 {
  margin: 0;
  font-size: clamp(1.75rem, 6vw, 2.5rem);
  line-height: 1.2;
}

h2 {
  margin: 3rem 0 0;
  padding-top: 1rem;
  border-top: 1px solid var(--line);
}

h3 {
  margin: 1.75rem 0 0;
  font: 600 1rem/1.4 ui-monospace, monospace;
}

h3 a {
  color: inherit;
  text-decoration: none;
}

h3 a:hover,
section:target h3 a {
  color: var(--accent);
}

p {
  margin: 0.25rem 0 0;
  color: var(--quiet);
}

pre {
  margin: 0.5rem 0 0;
  padding: 0.75rem 1rem;
  overflow-wrap: anywhere;
  white-space: pre-wrap;
  border: 1px solid var(--line);
  border-radius: 0.5rem;
  background: var(--panel);
}

code {
  font: 0.875rem/1.5 ui-monospace, monospace;
}

nav ul {
  display: flex;
  flex-wrap: wrap;
  gap: 0.25rem 1.25rem;
  margin: 1.5rem 0 0;
  padding: 0;
  list-style: none;
}

a {
  color: var(--accent);
}
`;
