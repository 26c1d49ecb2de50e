// How late a 10 ms timer is while something else runs: a measure of how free a thread is.

/** Starts the timer; the function it gives stops it and tells ticks and the 95th percentile in ms. */
export function watchLateness() {
  const late = [];
  let last = performance.now();
  const timer = setInterval(() => {
    const now = performance.now();
    late.push(now - last - 10);
    last = now;
  }, 10);
  return () => {
    clearInterval(timer);
    late.sort((a, b) => a - b);
    return { ticks: late.length, percentile: late[Math.floor(0.95 * late.length)] };
  };
}
