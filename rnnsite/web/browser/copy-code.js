// A button on every piece of code. (The theme's own makes each a landmark of the same name, which screen readers list.)
export function offerCopies(root) {
  for (const block of root.querySelectorAll(".highlight:not(:has(.rs-copy))")) {
    const code = block.querySelector("pre > code");
    if (!code || !navigator.clipboard) continue;
    const button = document.createElement("button");
    button.type = "button";
    button.className = "rs-copy";
    button.textContent = "Copy";
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(code.textContent.trimEnd());
      button.textContent = "Copied";
      setTimeout(() => (button.textContent = "Copy"), 1500);
    });
    block.append(button);
  }
}
