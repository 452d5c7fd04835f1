// Run by the build, never sent to a reader: formulas in, HTML out, one JSON object a line.
// Start: node katex-server.mjs <folder of katex>; then {"tex": ..., "display": ..., "macros": {...}} a line.
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
      trust: ({ command }) => {
        if (command === "\\htmlClass" || command === "\\htmlData") return true;
        throw new Error(`${command} is not allowed`); // left to itself KaTeX would print its name in red
      },
    });
    answer = { html };
  } catch (error) {
    answer = { error: error.message };
  }
  process.stdout.write(JSON.stringify(answer) + "\n");
}
