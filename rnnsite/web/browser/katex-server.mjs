// Run by the build, never sent to a reader: formulas in, HTML out, one JSON object a line.
// Start: node katex-server.mjs <folder of katex> ; then {"tex": ..., "display": ..., "options": {...}} a line.
import { createRequire } from "node:module";
import { createInterface } from "node:readline";

const katex = createRequire(import.meta.url)(process.argv[2]);
const HARMLESS = new Set(["htmlExtension"]); // \htmlClass and \htmlData, which only our own macros use

for await (const line of createInterface({ input: process.stdin })) {
  const { tex, display, macros } = JSON.parse(line);
  let answer;
  try {
    const html = katex.renderToString(tex, {
      displayMode: display,
      macros: { ...macros },
      output: "htmlAndMathml",
      throwOnError: true,
      strict: (code) => (HARMLESS.has(code) ? "ignore" : "error"),
      trust: ({ command }) => command === "\\htmlClass" || command === "\\htmlData",
    });
    answer = { html };
  } catch (error) {
    answer = { error: error.message };
  }
  process.stdout.write(JSON.stringify(answer) + "\n");
}
