const engram = require('engram');

import('../task.js').then(async ({ learn }) => {
  // Synaptic's way: everything is on the object.
  new engram.Architect.Perceptron(2, 3, 1).activate([0, 1]);
  console.log(JSON.stringify(await learn(engram)));
});
