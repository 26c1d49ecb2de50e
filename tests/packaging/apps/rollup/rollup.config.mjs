import resolve from '@rollup/plugin-node-resolve';

// Nothing about engram is configured.
export default { input: 'main.js', output: { dir: 'dist', format: 'es' }, plugins: [resolve({ browser: true })] };
