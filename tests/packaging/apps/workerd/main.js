// A platform without workers, which compiles WebAssembly before it runs and refuses to later.

import module from 'engram/engram.wasm';
import { Architect, init, Trainer } from 'engram/slim';

import { fingerprint } from '../runtimes/fingerprint.js';

export default {
  async test() {
    const refused = await init({ module: new Uint8Array(8) }).catch((error) => error);
    if (!(refused instanceof TypeError)) throw new Error(`init took bytes for a module: ${refused}`);
    await init({ module });
    console.log(await fingerprint({ Architect, Trainer }, 'trainAsync'));
  },
};
