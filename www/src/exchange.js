// The network in files of other libraries. What writes and reads them is loaded when it is asked for.

import { Encoder, SequenceClassifier } from 'engram';

import { download, find } from './elements.js';
import { makeClassifier } from './model.js';
import { currentSettings } from './settings-form.js';

const library = () => import('engram/exchange');

/** What is offered: the button, the file's name, and what makes it. */
const forms = [
  ['save-onnx', 'engram-model.onnx', ({ toOnnx }, network) => toOnnx(network)],
  ['save-pytorch', 'engram-model.safetensors', ({ toPyTorch }, network) => toPyTorch(network)],
  ['save-c', 'engram_model.c', ({ toC }, network) => toC(network)],
];

/** The buttons that need a network. */
export const exchangeButtons = forms.map(([button]) => button);

/** A classifier of a file of PyTorch's, for the data and the settings' way to read it. */
export async function classifierFrom(file, data) {
  const { fromPyTorch } = await library();
  const network = fromPyTorch(await file.arrayBuffer(), { output: 'softmax' });
  try {
    // How PyTorch's numbers were scaled is not known, so they are taken as they are.
    const series = data.kind === 'series';
    const encoder = series
      ? Encoder.numeric({ channels: data.channels, normalize: false })
      : makeClassifier(currentSettings(), data).encoder;
    return SequenceClassifier.fromNetwork(network, { labels: data.labels, encoder, seed: currentSettings().seed });
  } catch (error) {
    network.free();
    throw error;
  }
}

export function offerExchange(workbench) {
  for (const [button, name, write] of forms) {
    find(button).addEventListener('click', async () => {
      try {
        download(name, write(await library(), workbench.classifier.network));
      } catch (error) {
        find('keep-note').textContent = `${name} was not made: ${error.message}`;
      }
    });
  }
}
