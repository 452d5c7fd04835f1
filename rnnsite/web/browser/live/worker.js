// Python in a worker of its own: Pyodide, the driver that runs a cell, and `rnnsite.scratch`.
//
// in:  {type: "start", kept?}  {type: "page"}  {type: "run", code, number, above}
// out: {type: "loaded", bytes}  {type: "starting"}  {type: "ready", kept, files}  {type: "text", text}
//      {type: "done", result}  {type: "broken", text}
import driver from "generated/live_driver.py";
import packed from "generated/pyodide.bin";
import lockFileContents from "generated/pyodide_lock.json";
import library from "generated/python_stdlib.zip";
import scratch from "generated/scratch.json";
import createPyodideModule from "pyodide/pyodide.asm.mjs";
import { loadPyodide } from "pyodide/pyodide.mjs";

const MEMORY = 512; // MB that Python may take; a phone gives a tab little more
const TEXT = 100_000; // characters that one cell may print
const AT_ONCE = 500; // pieces of text that are passed on as they come; after that every 50 ms
const here = (name) => new URL(name, import.meta.url).href;
let python, cells, count, printed, held, sent;

self.onmessage = async ({ data }) => {
  try {
    if (data.type === "start") await start(data.kept);
    if (data.type === "page" && python) turnPage();
    if (data.type === "run") run(data);
  } catch (error) {
    // Python itself is out of order, not the reader's code: that comes back as a result
    postMessage({ type: "broken", text: String(error?.message ?? error) });
  }
};

/** @param {{module: WebAssembly.Module, files: ArrayBuffer, memory?: Uint8Array}} [kept] of the worker before this one */
async function start(kept) {
  limitMemory();
  const [module, files] = kept ? [kept.module, kept.files] : await Promise.all([compile(), fetchCounted(library)]);
  postMessage({ type: "starting" });
  // Pyodide asks for two files; both are here already
  self.fetch = async (address) => new Response(String(address).endsWith(".zip") ? files : null);
  WebAssembly.instantiateStreaming = async (_, imports) => ({ module, instance: await WebAssembly.instantiate(module, imports) });
  python = await loadPyodide({
    createPyodideModule,
    indexURL: here("./"),
    stdLibURL: here(library),
    lockFileContents,
    packageBaseUrl: here("./"),
    stdin: () => null,
    ...(kept?.memory ? { _loadSnapshot: kept.memory } : { _makeSnapshot: true }),
  });
  // nothing that a cell does leaves the page
  for (const way of ["fetch", "XMLHttpRequest", "WebSocket", "WebTransport", "EventSource"]) self[way] = undefined;
  for (const [name, text] of Object.entries(scratch)) {
    python.FS.mkdirTree(name.slice(0, name.lastIndexOf("/")));
    python.FS.writeFile(name, text);
  }
  if (!kept?.memory) python.runPython(driver, { filename: "driver" });
  const memory = kept ? undefined : snapshot();
  turnPage();
  postMessage({ type: "ready", kept: kept ?? { module, files, memory }, files: [packed, library].map(here) });
}

/** Python's memory as it is now, from which the next one starts in a fraction of the time. */
function snapshot() {
  try {
    return python.makeMemorySnapshot();
  } catch (error) {
    console.warn(`No snapshot of Python: ${error.message}`); // a restart then takes as long as the first start
    return undefined;
  }
}

/** The WebAssembly of Python, compiled while it arrives. */
async function compile() {
  const stream = (await counted(packed)).pipeThrough(new DecompressionStream("gzip"));
  return WebAssembly.compileStreaming(new Response(stream, { headers: { "Content-Type": "application/wasm" } }));
}

const fetchCounted = async (name) => new Response(await counted(name)).arrayBuffer();

/** The body of a file, whose bytes are reported as they come. */
async function counted(name) {
  const answer = await fetch(here(name));
  if (!answer.ok) throw new Error(`${answer.status} for ${answer.url}`);
  const count = new TransformStream({
    transform(chunk, passed) {
      postMessage({ type: "loaded", bytes: chunk.byteLength });
      passed.enqueue(chunk);
    },
  });
  return answer.body.pipeThrough(count);
}

/** Python's memory grows through this one call: refused, it becomes a MemoryError in the reader's line. */
function limitMemory() {
  const grow = WebAssembly.Memory.prototype.grow;
  WebAssembly.Memory.prototype.grow = function (pages) {
    if (this.buffer.byteLength + pages * 65536 > MEMORY * 2 ** 20) throw new RangeError("too much memory for a page");
    return grow.call(this, pages);
  };
}

/** Variables are those of one page. */
function turnPage() {
  cells?.destroy();
  cells = python.globals.get("Cells")(print, `${MEMORY} MB`);
}

function run({ code, number, above }) {
  [count, printed, held, sent] = [0, 0, "", 0];
  const result = JSON.parse(cells.run_json(code, number, JSON.stringify(above)));
  if (held) postMessage({ type: "text", text: held });
  postMessage({ type: "done", result });
}

function print(text) {
  if (printed > TEXT) return;
  printed += text.length;
  held += printed > TEXT ? `\n… no more than ${TEXT} characters are shown` : text;
  if (++count > AT_ONCE && performance.now() - sent < 50 && printed <= TEXT) return;
  postMessage({ type: "text", text: held });
  [held, sent] = ["", performance.now()];
}
