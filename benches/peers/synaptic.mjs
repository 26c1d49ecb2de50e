import { synapticApi } from './stepwise.mjs';

export const { start, online, activate, xor, construct } = synapticApi(async () => (await import('synaptic')).default);
