// Chromium, Firefox and WebKit behind one face: open a page, act in it as a person would, call a
// function in it, close.

import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { Builder, By, Capabilities, error } from 'selenium-webdriver';
import firefox from 'selenium-webdriver/firefox.js';

import { browsers } from '../../scripts/toolchain.mjs';

const CHROMIUM_FLAGS = [
  '--headless',
  // Some pages measure what is left behind.
  '--js-flags=--expose-gc',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
const SCRIPT_TIMEOUT = 170_000;

const installed = browsers();

function freePort() {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

export async function openChromium() {
  const browser = await chromium.launch({ executablePath: installed.chromium, args: CHROMIUM_FLAGS });
  const page = await browser.newPage({ viewport: { width: 1100, height: 900 } });
  const problems = [];
  page.on('console', (message) => message.type() === 'error' && problems.push(message.text()));
  page.on('pageerror', (error) => problems.push(String(error)));
  return {
    page,
    problems,
    go: (url) => page.goto(url, { waitUntil: 'load' }),
    click: (selector) => page.click(selector),
    fill: (selector, text) => page.fill(selector, text),
    choose: (selector, value) => page.selectOption(selector, value),
    upload: (selector, path) => page.setInputFiles(selector, path),
    text: (selector) => page.textContent(selector),
    evaluate: (expression) => page.evaluate(expression),
    download: async (selector, encoding = 'utf8') => {
      const [download] = await Promise.all([page.waitForEvent('download'), page.click(selector)]);
      return readFileSync(await download.path(), encoding);
    },
    // A function, not a string, which a policy against eval would refuse at the second look.
    waitFor: (expression, timeout = 30_000) =>
      page.waitForFunction(new Function(`return ${expression}`), null, { timeout }),
    call: async (name, ...args) => {
      await page.waitForFunction(() => globalThis.engramTests !== undefined);
      return page.evaluate(([name, args]) => globalThis.engramTests[name](...args), [name, args]);
    },
    close: () => browser.close(),
  };
}

/** `downloaded(click)` gives the text of the file that a click makes the browser keep. */
function overWebDriver(driver, downloaded, afterwards = () => {}) {
  /** Acts on an element; if the page has replaced it meanwhile, on the one in its place. */
  const act = (selector, action) =>
    driver.wait(async () => {
      try {
        await action(await driver.findElement(By.css(selector)));
        return true;
      } catch (thrown) {
        if (thrown instanceof error.StaleElementReferenceError) return false;
        throw thrown;
      }
    }, 10_000);
  const click = (selector) => act(selector, (element) => element.click());
  const evaluate = (expression) => driver.executeScript(`return ${expression}`);
  return {
    go: (url) => driver.get(url),
    click,
    fill: (selector, text) =>
      act(selector, async (element) => {
        await element.clear();
        await element.sendKeys(text);
      }),
    choose: (selector, value) => click(`${selector} option[value="${value}"]`),
    upload: (selector, path) => act(selector, (element) => element.sendKeys(path)),
    text: (selector) => evaluate(`document.querySelector(${JSON.stringify(selector)}).textContent`),
    evaluate,
    download: (selector) => downloaded(() => click(selector), evaluate),
    waitFor: (expression, timeout = 30_000) => driver.wait(() => evaluate(expression), timeout, expression),
    call: async (name, ...args) => {
      await driver.wait(() => driver.executeScript('return globalThis.engramTests !== undefined'), 20_000);
      const answer = await driver.executeAsyncScript(
        `const [name, args, done] = arguments;
         Promise.resolve().then(() => globalThis.engramTests[name](...args)).then(
           (value) => done({ value }), (error) => done({ error: String(error) }));`,
        name,
        args,
      );
      if (answer.error !== undefined) throw new Error(answer.error);
      return answer.value;
    },
    close: async () => {
      try {
        await driver.quit();
      } finally {
        await afterwards();
      }
    },
  };
}

export async function openFirefox() {
  const folder = mkdtempSync(join(tmpdir(), 'engram-firefox-'));
  const options = new firefox.Options()
    .addArguments('-headless')
    .setBinary(installed.firefox)
    .setPreference('browser.download.folderList', 2)
    .setPreference('browser.download.dir', folder)
    .setPreference('browser.helperApps.neverAsk.saveToDisk', 'application/json,application/octet-stream');
  const service = new firefox.ServiceBuilder(installed.geckodriver);
  const driver = await new Builder()
    .forBrowser('firefox')
    .setFirefoxOptions(options)
    .setFirefoxService(service)
    .build();
  await driver.manage().setTimeouts({ script: SCRIPT_TIMEOUT });
  const downloaded = async (click) => {
    const before = new Set(readdirSync(folder));
    await click();
    // The file is there, with its name, once it is whole; until then a part of it is beside it.
    const isWhole = (name) => !before.has(name) && !name.endsWith('.part') && statSync(join(folder, name)).size > 0;
    const whole = () => readdirSync(folder).find(isWhole);
    return readFileSync(join(folder, await driver.wait(whole, 10_000)), 'utf8');
  };
  return overWebDriver(driver, downloaded, () => rmSync(folder, { recursive: true }));
}

/** Ends a process and waits until it is gone. */
async function end(child) {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  await gone;
}

/** WebKit needs a screen: an X server of its own, found by its own process id, and so its driver. */
export async function openWebKit({ isolated }) {
  if (installed.webkit === null) return null;
  // WebKitGTK under WebDriver does not act on the isolation headers, so what they would switch on
  // is switched on here.
  const sharing = isolated ? { JSC_useSharedArrayBuffer: '1' } : {};
  const log = mkdtempSync(join(tmpdir(), 'engram-webkit-'));
  const screen = spawn('Xvfb', ['-displayfd', '3', '-screen', '0', '1100x900x24', '-nolisten', 'tcp'], {
    stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
  });
  const display = await new Promise((resolve, reject) => {
    screen.stdio[3].once('data', (data) => resolve(`:${String(data).trim()}`));
    screen.once('exit', (code) => reject(new Error(`Xvfb ended with ${code}`)));
  });
  const port = await freePort();
  const server = spawn(installed.webkit, [`--port=${port}`], {
    stdio: 'ignore',
    env: {
      ...process.env,
      DISPLAY: display,
      XDG_RUNTIME_DIR: log,
      WEBKIT_DISABLE_COMPOSITING_MODE: '1',
      // Without a language, navigator.language is "C", which Intl refuses.
      LANG: 'en_US.UTF-8',
      ...sharing,
    },
  });
  const close = async () => {
    await end(server);
    await end(screen);
  };
  try {
    const capabilities = new Capabilities({
      browserName: 'MiniBrowser',
      'webkitgtk:browserOptions': {
        binary: '/usr/lib/x86_64-linux-gnu/webkit2gtk-4.1/MiniBrowser',
        args: ['--automation'],
      },
    });
    await new Promise((resolve) => setTimeout(resolve, 1000));
    const driver = await new Builder()
      .disableEnvironmentOverrides()
      .usingServer(`http://127.0.0.1:${port}`)
      .withCapabilities(capabilities)
      .build();
    await driver.manage().setTimeouts({ script: SCRIPT_TIMEOUT });
    // This browser asks a person where to put files, so the text is taken as the page gives it away.
    const downloaded = async (click, evaluate) => {
      // And no link is followed: the bar of a download moves the page, and a button is released elsewhere than pressed.
      await evaluate(`(() => {
        // Not the text of a file before this one.
        globalThis.givenAway = undefined;
        URL.createObjectURL = (blob) => {
          blob.text().then((text) => { globalThis.givenAway = text; });
          return '#';
        };
        HTMLAnchorElement.prototype.click = () => {};
      })()`);
      await click();
      await driver.wait(() => evaluate("typeof globalThis.givenAway === 'string'"), 10_000);
      return evaluate('globalThis.givenAway');
    };
    return overWebDriver(driver, downloaded, close);
  } catch (error) {
    await close();
    throw error;
  }
}
