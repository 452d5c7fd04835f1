// The service worker: a page that was read, and the Python of its cells, can be read again without a connection.
// Pages and figures are asked of the server first. Files named by their hash never change and are asked for once.
// The build writes the list of those, NAMES, and its hash, VERSION, above this line.
const CACHE = `rnnsite-${VERSION}`;
const hashed = (address) => NAMES.includes(new URL(address).pathname.split("/").pop());

const bare = (address) => address.split(/[?#]/)[0]; // an explorer's setting does not make another page

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(takeOver()));
self.addEventListener("message", (event) => event.waitUntil(keepAll(event.data)));
self.addEventListener("fetch", (event) => {
  const { method, url } = event.request;
  if (method === "GET" && url.startsWith(self.registration.scope)) event.respondWith(answer(event.request));
});

/** What an earlier build kept and this one still uses moves over; the rest goes. */
async function takeOver() {
  const cache = await caches.open(CACHE);
  for (const name of await caches.keys()) {
    if (name === CACHE || !name.startsWith("rnnsite-")) continue;
    const old = await caches.open(name);
    for (const request of await old.keys()) {
      if (hashed(request.url)) await cache.put(request, await old.match(request));
    }
    await caches.delete(name);
  }
  await self.clients.claim();
}

async function keepAll(addresses) {
  const cache = await caches.open(CACHE);
  for (const address of new Set(addresses.map(bare))) {
    if (await cache.match(address)) continue;
    const found = await fetch(address).catch(() => undefined);
    if (found?.ok) await cache.put(address, found);
  }
}

async function answer(request) {
  const cache = await caches.open(CACHE);
  const kept = hashed(request.url) && (await cache.match(request));
  if (kept) return kept;
  try {
    const found = await fetch(request);
    if (found.status === 200 && found.type === "basic") cache.put(bare(request.url), found.clone()).catch(() => {});
    return found;
  } catch (error) {
    const last = await cache.match(request, { ignoreSearch: true });
    if (last) return last;
    throw error;
  }
}
