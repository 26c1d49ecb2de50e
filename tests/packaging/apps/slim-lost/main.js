import { learn, show } from '../task.js';
import * as engram from './engram/slim.js';

show(engram.init().then(() => learn(engram)));
