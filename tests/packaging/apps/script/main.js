// No bundler, no module: the package is the global `engram`.
import('../task.js').then(({ learn, show }) => show(learn(globalThis.engram)));
