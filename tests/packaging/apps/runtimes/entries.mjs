// All entries, imported. In a module of its own: what Deno's CommonJS imports comes by the condition of `require`.
import 'engram/compare';
import 'engram/exchange';
import 'engram/slim';

export { Network } from 'engram';
export { fingerprint } from './fingerprint.js';
