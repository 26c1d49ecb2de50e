import * as engram from 'engram';

import { fingerprint } from './fingerprint.js';

console.log(await fingerprint(engram));
