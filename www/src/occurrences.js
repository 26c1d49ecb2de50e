// For each name of a list: whether it comes for the first time, the second, the third.

/** The names' occurrences, from 1: `['a', 'b', 'a']` gives `[1, 1, 2]`. */
export function occurrences(names) {
  const counts = new Map();
  return names.map((name) => {
    const count = (counts.get(name) ?? 0) + 1;
    counts.set(name, count);
    return count;
  });
}
