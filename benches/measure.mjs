// Runs in a process of its own: measures one case with one peer and prints one line of JSON.
//   node measure.mjs PEER CASE-AS-JSON

/** Seconds that one measurement should take at least. */
const ENOUGH = 0.4;

const seconds = (work, count) => {
  const start = process.hrtime.bigint();
  const done = work(count);
  const end = () => Number(process.hrtime.bigint() - start) / 1e9;
  return done instanceof Promise ? done.then(end) : end();
};

const [, , peer, text] = process.argv;
const task = JSON.parse(text);
const files = { 'tfjs-cpu': 'tfjs', 'tfjs-wasm': 'tfjs', 'brain.js': 'brain', 'engram, Chromium': 'chromium' };

async function measure() {
  const measures = await import(`./peers/${files[peer] ?? peer}.mjs`);
  const { work, batch = 1, once = false, ...rest } = await measures[task.kind](task, peer);
  if (once) return { ...(await work()), ...rest };
  // Warm-up: compilers of the runtime take a while to see what is hot.
  let count = batch;
  let taken = await seconds(work, count);
  while (taken < ENOUGH / 2) {
    count *= 2;
    taken = await seconds(work, count);
  }
  const wanted = Math.max(batch, Math.ceil((count * ENOUGH) / taken / batch) * batch);
  return { seconds: (await seconds(work, wanted)) / wanted, ...rest };
}

try {
  console.log(JSON.stringify(await measure()));
} catch (error) {
  console.log(JSON.stringify({ failed: String(error?.message ?? error) }));
}
process.exit(0);
