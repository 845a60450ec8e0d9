import { resolve } from 'node:path';
import { defineConfig } from 'vite';

/**
 * The program `oshi`, whole: to find and read some 800 files takes Node longer than most commands take. The libraries
 * stay packages of their own, but for the one that is itself 700 files.
 */
export default defineConfig({
  logLevel: 'warn',
  publicDir: false,
  ssr: { noExternal: ['typebox'] },
  build: {
    ssr: resolve(import.meta.dirname, 'src/cli/oshi.ts'),
    outDir: resolve(import.meta.dirname, 'dist/cli'),
    emptyOutDir: true,
    target: 'node20',
    minify: false,
    sourcemap: true,
    rolldownOptions: { output: { chunkFileNames: 'parts/[name]-[hash].js' } },
  },
});
