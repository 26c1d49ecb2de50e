export default {
  test: {
    projects: ['node', 'jsdom'].map((environment) => ({ test: { name: environment, environment } })),
  },
};
