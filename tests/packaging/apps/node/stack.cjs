// Where an error comes from, by the package's source maps.
const { Architect } = require('engram');

try {
  new Architect.Perceptron(2, 3, 1).activate([1]);
} catch (error) {
  console.log(error.stack);
}
