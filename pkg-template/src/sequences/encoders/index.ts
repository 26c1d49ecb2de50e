// Encoders: what turns texts and series into steps, one kind per file.

export { Encoder, type EncoderJSON } from './encoder.js';
export type { ChannelValue, NumericOptions, Series, SeriesOf } from './numeric.js';
export type { SymbolSequence, SymbolsOptions } from './symbols.js';
export type { TokensOptions } from './tokens.js';
