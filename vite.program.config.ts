import { chmodSync } from 'node:fs';
import { resolve } from 'node:path';
import { defineConfig, type Plugin } from 'vite';

const outDir = resolve(import.meta.dirname, 'dist/cli');

/** Lets the program be run as a command; npm grants that only when it links the package for the first time. */
const executable: Plugin = {
  name: 'executable',
  closeBundle: () => chmodSync(resolve(outDir, 'oshi.js'), 0o755),
};

/**
 * The program `oshi`, whole: to find and read some 800 files takes Node longer than most commands take. The libraries
 * stay packages of their own, but for those that are themselves dozens or hundreds of files.
 */
export default defineConfig({
  logLevel: 'warn',
  publicDir: false,
  plugins: [executable],
  ssr: {
    noExternal: ['typebox', 'mingo', /^micromark/, 'csv-stringify', 'commander', 'xstate'],
    // Modules instead of CommonJS, of which what is not used can be left out.
    resolve: { conditions: ['module', 'default'] },
  },
  build: {
    ssr: resolve(import.meta.dirname, 'src/cli/oshi.ts'),
    outDir,
    emptyOutDir: true,
    target: 'node20',
    minify: false,
    sourcemap: true,
    rolldownOptions: { output: { chunkFileNames: 'parts/[name]-[hash].js' } },
  },
});
