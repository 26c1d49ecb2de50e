// The workbench as static files that work under any path of any host.

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { defineConfig } from 'vite';

const require = createRequire(import.meta.url);

/** Puts the service worker that adds isolation headers beside the page, where its scope is. */
const isolation = {
  name: 'isolation-service-worker',
  generateBundle() {
    const source = readFileSync(require.resolve('coi-serviceworker/coi-serviceworker.min.js'));
    this.emitFile({ type: 'asset', fileName: 'coi-serviceworker.js', source });
  },
};

export default defineConfig({
  root: import.meta.dirname,
  base: './',
  plugins: [isolation],
  // The package under development changes, so the dev server reads it anew, not from a cache of dependencies.
  optimizeDeps: { exclude: ['engram'] },
  // Half of the page's script is the engine, inlined in the package.
  build: { outDir: 'dist', emptyOutDir: true, target: 'es2022', chunkSizeWarningLimit: 1000 },
  server: { fs: { allow: ['..'] } },
});
