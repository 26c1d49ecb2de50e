// Encoders: what turns texts and series into steps, one kind per file.

export type { BitsJSON } from './bits.js';
export type { BytesJSON } from './bytes.js';
export type { Difference, Differences } from './changes.js';
export type { ExplainedPart } from './coding.js';
export { Encoder, type EncoderJSON } from './encoder.js';
export type { ChannelValue, NumericJSON, NumericOptions, Series, SeriesOf } from './numeric.js';
export type { OneHotJSON } from './one-hot.js';
export type { SymbolSequence, SymbolsJSON, SymbolsOptions } from './symbols.js';
export type { TokensJSON, TokensOptions } from './tokens.js';
