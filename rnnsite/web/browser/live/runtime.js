// The page's Python: one worker for the whole visit, started by the first Run and again after a Stop.
// Cells wait for each other. Whatever ends the worker ends all that run or wait, and forgets the variables.

/** What keeps a cell from a result: it was stopped, or Python could not be loaded or broke down. */
export class Ended extends Error {
  /** @param {string} reason @param {boolean} [loading] whether Python was not there yet */
  constructor(reason, loading = false) {
    super(reason);
    this.loading = loading;
  }
}

let kept; // of the first worker: compiled code and memory, from which those that follow start
let worker; // {port, ready: Promise, fail(error)}
let line = Promise.resolve();
let turn = 0;
let keeping; // the service worker is told once

/** Calls back with {loaded} in bytes, {starting} and {ready}, for the progress shown by whoever waits. */
export const progress = new Set();

/** Whether Python has been loaded in this visit. */
export const isLoaded = () => Boolean(kept);

/** Called when the variables are gone. @type {Set<() => void>} */
export const forgotten = new Set();

/**
 * Run a cell when those before it have finished.
 * @param {{worker: string, offline?: string}} scripts their addresses
 * @param {{code: string, number: number, above: () => [number, string][]}} cell
 * @param {{begin(): void, text(text: string): void}} told
 * @returns {Promise<object>} the driver's result; rejects with Ended
 */
export function run(scripts, cell, told) {
  const mine = turn;
  const result = line.then(async () => {
    if (mine !== turn) throw new Ended("stopped");
    worker ??= begin(scripts);
    await worker.ready;
    if (mine !== turn) throw new Ended("stopped");
    told.begin();
    return worker.ask({ type: "run", code: cell.code, number: cell.number, above: cell.above() }, told.text);
  });
  line = result.catch(() => {});
  return result;
}

/** End what runs and what waits. With `again`, a fresh Python is started at once, so that the next Run need not wait. */
export function stop(again = true) {
  end(new Ended("stopped"), again);
}

/** A new page: nothing of the last one runs on, and its variables are gone. */
export function turnPage() {
  if (worker?.busy()) return stop();
  turn++; // what waits for Python to load is not run any more; the loading goes on
  worker?.port.postMessage({ type: "page" });
}

function end(error, again) {
  turn++;
  line = Promise.resolve();
  const last = worker;
  worker = undefined;
  last?.port.terminate();
  last?.fail(error);
  for (const told of forgotten) told();
  if (again && last && kept) worker = begin(last.scripts);
}

function begin(scripts) {
  const port = new Worker(scripts.worker, { type: "module" });
  let settle, asked, loading = true;
  const ready = new Promise((done, fail) => (settle = { done, fail }));
  ready.catch(() => {}); // whoever waits for it hears of it there
  const broken = (text) => {
    if (loading && kept) kept.memory = undefined; // should it be that: the next one starts without it
    end(new Ended(text, loading), false);
  };
  const tell = (news) => progress.forEach((told) => told(news));
  port.onerror = (event) => {
    event.preventDefault();
    broken(event.message || "could not load");
  };
  port.onmessageerror = () => broken("an answer could not be read");
  port.onmessage = ({ data }) => {
    if (data.type === "loaded") tell({ loaded: data.bytes });
    if (data.type === "starting") tell({ starting: true });
    if (data.type === "ready") {
      kept = data.kept;
      loading = false;
      tell({ ready: true });
      settle.done();
      keeping ??= keepForLater(scripts, data.files);
    }
    if (data.type === "text") asked?.text(data.text);
    if (data.type === "broken") broken(data.text);
    if (data.type === "done") {
      const { done } = asked;
      asked = undefined;
      done(data.result);
    }
  };
  port.postMessage({ type: "start", kept });
  return {
    port,
    scripts,
    ready,
    busy: () => Boolean(asked),
    ask: (message, text) =>
      new Promise((done, fail) => {
        asked = { text, done, fail };
        port.postMessage(message);
      }),
    fail(error) {
      settle.fail(error);
      asked?.fail(error);
    },
  };
}

/** A service worker keeps what was read, for a reader without a connection. Where there can be none, nothing is lost. */
async function keepForLater({ worker: script, offline }, files) {
  if (!navigator.serviceWorker || !offline) return;
  try {
    await navigator.serviceWorker.register(offline);
    const { active } = await navigator.serviceWorker.ready;
    const read = performance.getEntriesByType("resource").map((entry) => entry.name);
    active.postMessage([location.href, script, ...read, ...files].filter((address) => address.startsWith(location.origin)));
  } catch {
    // not served over https, or forbidden by the reader
  }
}
