import { Encoder, init, SequenceClassifier } from 'engram/slim';

import { learn, show } from '../task.js';

show(init(fetch('/node_modules/engram/dist/engram.wasm')).then(() => learn({ Encoder, SequenceClassifier })));
