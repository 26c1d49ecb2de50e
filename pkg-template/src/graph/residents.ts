// Which graphs have a place in the engine's memory. What a program lets go of leaves that memory between two turns of
// the event loop only, as no finaliser runs before; a loop that makes one network after the other would fill it. So
// few graphs are there at a time, and the others wait in JavaScript's own memory, where the garbage collector finds
// them at once.

import { configuration } from '../engine/engine.js';

/** What can leave the engine's memory and come back. */
export interface Resident {
  /** Leaves; false where that can't be now. */
  moveOut(): boolean;
}

/** Most bytes of all residents, where each counts as no more than `LARGE`. */
const MOST = 2 ** 25;
/** Bytes from which residents count alike: there may be some hundreds of any size, if there is room for them. */
const LARGE = 2 ** 16;
/** Residents that stay in any case: what a call works with, and what joins it. */
const NEWEST = 4;

/** Bytes of each, in the order in which they moved in. */
const residents = new Map<Resident, number>();
let counted = 0;
let bytes = 0;

/** Notes that a resident takes so many bytes now, and lets others move out where that is too much. */
export function movedIn(resident: Resident, size: number): void {
  movedOut(resident);
  residents.set(resident, size);
  counted += Math.min(size, LARGE);
  bytes += size;
  let rest = residents.size - NEWEST;
  for (const [oldest, taken] of residents) {
    if (rest-- <= 0 || (counted <= MOST && bytes <= configuration.maxMemory / 2)) return;
    if (oldest.moveOut()) {
      movedOut(oldest);
    } else {
      // It will be asked again when it is the oldest again.
      residents.delete(oldest);
      residents.set(oldest, taken);
    }
  }
}

/** Makes something in the engine; where there is no room, once more when all have moved out that can. */
export function makingRoom<T>(make: () => T): T {
  try {
    return make();
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    const movable = [...residents.keys()].slice(0, -NEWEST).filter((resident) => resident.moveOut());
    if (movable.length === 0) throw error;
    movable.forEach(movedOut);
    return make();
  }
}

/** Notes that a resident has left, or that it stays for good. */
export function movedOut(resident: Resident): void {
  const size = residents.get(resident);
  if (size === undefined) return;
  residents.delete(resident);
  counted -= Math.min(size, LARGE);
  bytes -= size;
}
