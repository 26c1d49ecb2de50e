// What every entry of the package gives.

export * from './models.js';
export * from './networks.js';
export { default } from './networks.js';
