// The same, required alone.
const { fromPyTorch, toPyTorch } = require('engram/exchange');
const { Architect, Network } = require('engram');

console.log(fromPyTorch(toPyTorch(new Architect.GRU(2, 3, 2))) instanceof Network ? 'shared' : 'apart');
