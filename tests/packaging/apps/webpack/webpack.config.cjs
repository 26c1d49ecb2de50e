// Nothing about engram is configured.
module.exports = {
  mode: 'production',
  entry: { main: './src/main.js', slim: './src/slim.js' },
  performance: { hints: false },
};
