// Nothing about engram is configured.
module.exports = { mode: 'production', entry: './src/main.js', performance: { hints: false } };
