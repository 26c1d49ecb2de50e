// Isolation on hosts that send no headers: a service worker adds them, after one reload.

/** Whether the page's address refuses the service worker (`?isolation=no`). */
const refused = new URLSearchParams(location.search).get('isolation') === 'no';

/** Installs the service worker where it can help: only in the built page, as the dev server sends headers. */
export function isolate() {
  if (refused || globalThis.crossOriginIsolated || !import.meta.env.PROD || !isSecureContext) return;
  globalThis.coi = { quiet: true, coepCredentialless: () => false };
  const script = document.createElement('script');
  script.src = new URL('coi-serviceworker.js', document.baseURI).href;
  document.head.append(script);
}
