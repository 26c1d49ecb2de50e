// One sequence of 100,000 steps, in a process of its own so that its memory can be looked at: prints
// what training it whole, and in parts, comes to.

import { Architect, configure, Trainer } from 'engram';

configure({ maxMemory: 128 * 2 ** 20 });
const set = [{ input: Array.from({ length: 100_000 }, (_, step) => [Math.sin(step / 7)]), output: [1, 0] }];
const network = new Architect.LSTM(1, 16, 2, { variant: 'standard', output: 'softmax', seed: 1 });
const trainer = new Trainer(network);
const refused = await trainer.trainAsync(set, { iterations: 1 }).catch(({ name, message }) => ({ name, message }));
const { error, stopped } = await trainer.trainAsync(set, { iterations: 3, error: 0, truncate: 200 });
console.log(JSON.stringify({ refused, error, stopped, bytes: process.resourceUsage().maxRSS * 1024 }));
