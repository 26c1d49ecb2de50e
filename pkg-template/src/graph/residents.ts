// Which graphs have a place in the engine's memory. What a program lets go of leaves that memory between two turns of
// the event loop only, as no finaliser runs before; a loop that makes one network after the other would fill it. So
// few graphs are there at a time, and the others wait in JavaScript's own memory, where the garbage collector finds
// them at once. Between turns it finds those in the engine, too.

import { configuration } from '../engine/engine.js';
import { freeAllLent } from '../engine/lending.js';

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

/** What there is to know of a resident. */
interface Entry {
  /** The resident, until the end of the turn in which it moved in. A weak reference would keep it as long, too. */
  recent: Resident | undefined;
  /** The resident later on, which the garbage collector may take. */
  former: WeakRef<Resident> | undefined;
  readonly bytes: number;
}

/** All entries, in the order in which their residents moved in. */
const entries = new Set<Entry>();
const entryOf = new WeakMap<Resident, Entry>();
/** Those of this turn. */
const newest = new Set<Entry>();
let counted = 0;
let bytes = 0;

function remove(entry: Entry): void {
  if (!entries.delete(entry)) return;
  newest.delete(entry);
  counted -= Math.min(entry.bytes, LARGE);
  bytes -= entry.bytes;
}

/** The resident of an entry; undefined where nobody has it any more. */
const residentOf = ({ recent, former }: Entry): Resident | undefined => recent ?? former?.deref();

function endTurn(): void {
  for (const entry of newest) {
    entry.former = new WeakRef(entry.recent as Resident);
    entry.recent = undefined;
  }
  newest.clear();
}

/** Notes that a resident takes so many bytes now, and lets others move out where that is too much. */
export function movedIn(resident: Resident, size: number): void {
  movedOut(resident);
  const entry: Entry = { recent: resident, former: undefined, bytes: size };
  if (newest.size === 0) queueMicrotask(endTurn);
  newest.add(entry);
  entries.add(entry);
  entryOf.set(resident, entry);
  counted += Math.min(size, LARGE);
  bytes += size;
  let rest = entries.size - NEWEST;
  for (const oldest of entries) {
    if (rest-- <= 0 || (counted <= MOST && bytes <= configuration.maxMemory / 2)) return;
    const leaving = residentOf(oldest);
    if (leaving === undefined || leaving.moveOut()) {
      remove(oldest);
    } else {
      // It will be asked again when it is the oldest again.
      entries.delete(oldest);
      entries.add(oldest);
    }
  }
}

/** Makes something in the engine; where there is no room, once more when all have left that can. */
export function makingRoom<T>(make: () => T): T {
  try {
    return make();
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    const freed = freeAllLent();
    const movable = [...entries].slice(0, -NEWEST).filter((entry) => residentOf(entry)?.moveOut());
    if (movable.length === 0 && !freed) throw error;
    movable.forEach(remove);
    return make();
  }
}

/** Notes that a resident has left, or that it stays for good. */
export function movedOut(resident: Resident): void {
  const entry = entryOf.get(resident);
  if (entry === undefined) return;
  entryOf.delete(resident);
  remove(entry);
}
