// What the results say, as Markdown. A model is a set, a number of ways, a read-out, an initializer and a library; its
// runs differ in their seeds.

const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;
const percent = (share) => (100 * share).toFixed(1);
const signed = (points) => `${points >= 0 ? '+' : ''}${points.toFixed(1)}`;
const row = (cells) => `| ${cells.join(' | ')} |`;
const table = (head, rows) => [row(head), row(head.map(() => '---')), ...rows.map(row), ''];

function median(values) {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  return (sorted[Math.floor(middle)] + sorted[Math.ceil(middle)]) / 2;
}

/** Square of the standard error of the mean; NaN for one value. */
function squaredError(values) {
  const centre = mean(values);
  return values.reduce((sum, value) => sum + (value - centre) ** 2, 0) / (values.length - 1) / values.length;
}

/** A standard error, or a deviation, of points, from its square. */
const errorText = (variance) => (Number.isNaN(variance) ? '-' : Math.sqrt(variance).toFixed(1));

/** A seed sticks that learns by so much less of what it is trained on than the middle seed of its model. */
const STUCK = 0.1;

function modelOf(key, runs) {
  const heldOut = runs.map((run) => run.heldOut);
  const middle = median(runs.map(({ trained }) => trained));
  const stuck = runs.filter(({ trained }) => trained < middle - STUCK).map(({ seed }) => seed);
  return { ...key, runs, heldOut, mean: mean(heldOut), stuck };
}

/** The models of jobs, of those that have results. */
export function modelsOf(jobs, results) {
  const models = new Map();
  for (const job of jobs) {
    const result = results.of(job);
    if (result === undefined) continue;
    const { seed, ...key } = job;
    const text = JSON.stringify(key);
    if (!models.has(text)) models.set(text, { key, runs: [] });
    const { heldOut, trained } = result;
    models.get(text).runs.push({ seed, heldOut, trained });
  }
  return [...models.values()].map(({ key, runs }) => modelOf(key, runs));
}

const find = (models, wanted) =>
  models.find((model) => Object.entries(wanted).every(([field, value]) => model[field] === value));

/** Held-out accuracy of a read-out in the mean over sets, where both libraries have all. */
function average(models, wanted, sets) {
  const found = sets.map(({ name: set }) => find(models, { ...wanted, set }));
  return found.includes(undefined) ? undefined : mean(found.map((model) => model.mean));
}

function pairText(ours, theirs) {
  const text = (share) => (share === undefined ? '-' : percent(share));
  return `${text(ours)} / ${text(theirs)}`;
}

/** Both libraries by set, ways and read-out, with published accuracies. */
export function comparison({ models, sets, ways, readouts }) {
  const rows = sets.flatMap(({ name: set, published }) =>
    ways.map((way) => [
      way === ways[0] ? set : '',
      way === 1 ? 'one' : 'two',
      ...readouts.map((readout) => {
        const [ours, theirs] = ['engram', 'pytorch'].map((library) =>
          find(models, { library, set, ways: way, readout }),
        );
        return pairText(ours?.mean, theirs?.mean);
      }),
      ...[published.rocket, published.inceptionTime].map((share) =>
        way !== ways[0] ? '' : share === undefined ? '-' : share.toFixed(1),
      ),
    ]),
  );
  const averages = ways.map((way) => [
    way === ways[0] ? 'mean of all' : '',
    way === 1 ? 'one' : 'two',
    ...readouts.map((readout) => {
      const [ours, theirs] = ['engram', 'pytorch'].map((library) =>
        average(models, { library, ways: way, readout }, sets),
      );
      return pairText(ours, theirs);
    }),
    '',
    '',
  ]);
  return table(['set', 'ways', ...readouts, 'ROCKET', 'InceptionTime'], [...rows, ...averages]);
}

/** Deviation over the seeds of every model of both libraries, with its lowest seed and how many seeds there are. */
export function spread({ models, sets, ways, readouts }) {
  const text = (model) => {
    if (model === undefined) return '-';
    const { heldOut } = model;
    const variance = 1e4 * squaredError(heldOut) * heldOut.length;
    return `${errorText(variance)} (${percent(Math.min(...heldOut))}, ${heldOut.length})`;
  };
  const rows = sets.flatMap(({ name: set }) =>
    ways.map((way) => [
      way === ways[0] ? set : '',
      way === 1 ? 'one' : 'two',
      ...readouts.map((readout) =>
        ['engram', 'pytorch'].map((library) => text(find(models, { library, set, ways: way, readout }))).join(' / '),
      ),
    ]),
  );
  return table(['set', 'ways', ...readouts], rows);
}

/** engram's models that PyTorch has, too, with their distance from PyTorch's, in points, and its squared error. */
function distances(models) {
  return models
    .filter(({ library }) => library === 'engram')
    .flatMap((model) => {
      const { set, ways, readout } = model;
      const other = find(models, { library: 'pytorch', set, ways, readout });
      if (other === undefined) return [];
      const points = 100 * (model.mean - other.mean);
      const variance = 1e4 * (squaredError(model.heldOut) + squaredError(other.heldOut));
      return [{ model, other, points, variance }];
    });
}

/** The distance from PyTorch in the mean over all models, and its standard error. */
export function distance(models) {
  const found = distances(models);
  const variance = found.reduce((sum, each) => sum + each.variance, 0) / found.length ** 2;
  const points = mean(found.map((each) => each.points));
  return `${signed(points)} points over ${found.length} models, standard error ${errorText(variance)}`;
}

/** The models that are more than a point below PyTorch's, the lowest first. */
export function below(models) {
  const found = distances(models).filter(({ points }) => points < -1);
  found.sort((a, b) => a.points - b.points);
  return table(
    ['set', 'ways', 'read-out', 'points to PyTorch', 'standard error', 'seeds'],
    found.map(({ model, other, points, variance }) => [
      model.set,
      model.ways === 1 ? 'one' : 'two',
      model.readout,
      signed(points),
      errorText(variance),
      `${model.heldOut.length} / ${other.heldOut.length}`,
    ]),
  );
}

/** Models with seeds that stuck. */
export function stuck(models) {
  const rows = models
    .filter((model) => model.stuck.length > 0)
    .map((model) => [
      model.library,
      model.set,
      model.ways === 1 ? 'one' : 'two',
      model.readout,
      model.initializer,
      `${model.stuck.length} of ${model.runs.length}`,
      model.runs
        .filter(({ seed }) => model.stuck.includes(seed))
        .map(({ heldOut }) => percent(heldOut))
        .join(', '),
      percent(median(model.heldOut)),
    ]);
  return table(['library', 'set', 'ways', 'read-out', 'initializer', 'stuck', 'held out', 'median'], rows);
}

/** engram's initializers side by side, over the seeds that all of them have: mean, and the lowest seed. */
export function initializers({ models, sets, ways, names }) {
  const rows = ways.flatMap((way) =>
    sets.flatMap(({ name: set }) => {
      const found = names.map((initializer) => find(models, { library: 'engram', set, ways: way, initializer }));
      if (found.includes(undefined)) return [];
      const [first, ...others] = found.map(({ runs }) => runs.map(({ seed }) => seed));
      const seeds = first.filter((seed) => others.every((list) => list.includes(seed)));
      if (seeds.length === 0) return [];
      const shares = found.map(({ runs }) => runs.filter(({ seed }) => seeds.includes(seed)).map((run) => run.heldOut));
      return [{ way, set, seeds: seeds.length, shares }];
    }),
  );
  const cells = rows.map(({ way, set, seeds, shares }) => [
    set,
    way === 1 ? 'one' : 'two',
    String(seeds),
    ...shares.map((list) => `${percent(mean(list))} (${percent(Math.min(...list))})`),
  ]);
  const averages = ways.flatMap((way) => {
    const own = rows.filter((each) => each.way === way);
    if (own.length === 0) return [];
    return [
      [
        'mean of all',
        way === 1 ? 'one' : 'two',
        '',
        ...names.map((_, index) => percent(mean(own.map(({ shares }) => mean(shares[index]))))),
      ],
    ];
  });
  return table(['set', 'ways', 'seeds', ...names], [...cells, ...averages]);
}
