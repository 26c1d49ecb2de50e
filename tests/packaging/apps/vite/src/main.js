import * as engram from 'engram';

import { learn, show } from '../../task.js';

show(learn(engram));
