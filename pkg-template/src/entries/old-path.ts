// dist/synaptic.js and dist/synaptic.min.js, Synaptic's files by their paths: the script for who loads them as a script,
// a page or a worker, and the library for bundlers that do not know `exports` (webpack 4).

declare const importScripts: ((url: string) => void) | undefined;

/** Where this file was loaded from; a worker's scripts are told by nothing but the stack. */
function address(): string {
  const script = typeof document === 'undefined' ? null : (document.currentScript as HTMLScriptElement | null);
  if (script !== null) return script.src;
  return /[a-z]+:\/\/[^\s)]+?(?=:\d+(:\d+)?\)?$)/m.exec(new Error().stack ?? '')?.[0] ?? '';
}

/** Runs the one-file script before anything that comes after this one. */
function load(file: string): void {
  if (typeof importScripts === 'function') {
    importScripts(file);
    return;
  }
  const { async, defer } = document.currentScript as HTMLScriptElement;
  if (document.readyState === 'loading' && !async && !defer) {
    document.write(`<script src="${file}"></script>`);
    return;
  }
  // Too late to write into the page. Its policy allows 'unsafe-eval', as Synaptic does not run without.
  const request = new XMLHttpRequest();
  request.open('GET', file, false);
  request.send();
  // A strict script that is evaluated keeps its variables to itself.
  // biome-ignore lint/security/noGlobalEval: see above.
  // biome-ignore lint/complexity/noCommaOperator: so called it sees globals only.
  (0, eval)(`${request.responseText}\nglobalThis.engram = engram;\n//# sourceURL=${file}`);
}

if (typeof module === 'object' && module.exports) module.exports = require('./engram.cjs');
else load(new URL('engram.script.js', address()).href);
