// Chromium for the tests in Python: does in a page what each line on standard input says, and answers with a line.

import { createInterface } from 'node:readline';

import { serve } from '../../scripts/serve.mjs';
import { openChromium } from '../../tests/browser/drivers.mjs';

const server = await serve({ port: 0 });
const browser = await openChromium();
await browser.go(`http://localhost:${server.address().port}/python/tests/page.html`);
for await (const line of createInterface({ input: process.stdin })) {
  const { task, ...given } = JSON.parse(line);
  const answer = await browser.call(task, given).then(
    (value) => ({ value }),
    (error) => ({ error: String(error) }),
  );
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
await browser.close();
server.closeAllConnections();
server.close();
