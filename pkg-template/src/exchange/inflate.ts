// What jsfive asks of pako, by the library that opens the zip files: the build puts this in pako's place.

export { unzlibSync as inflate } from 'fflate';
