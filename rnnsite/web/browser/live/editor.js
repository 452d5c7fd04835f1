// The editor of a live cell: CodeMirror, in the colours and the measure of the code that it replaces.
import { defaultKeymap, history, historyKeymap, indentWithTab } from "@codemirror/commands";
import { pythonLanguage } from "@codemirror/lang-python";
import { bracketMatching, HighlightStyle, indentOnInput, indentUnit, syntaxHighlighting } from "@codemirror/language";
import { EditorState, StateEffect, StateField } from "@codemirror/state";
import { Decoration, drawSelection, EditorView, keymap } from "@codemirror/view";
import { tags } from "@lezer/highlight";

const colour = (name) => ({ color: `var(--md-code-hl-${name}-color)` });
const highlighting = HighlightStyle.define([
  { tag: [tags.keyword, tags.bool, tags.null, tags.operatorKeyword], ...colour("keyword") },
  { tag: [tags.function(tags.definition(tags.variableName)), tags.definition(tags.className)], ...colour("function") },
  { tag: [tags.string, tags.special(tags.string)], ...colour("string") },
  { tag: tags.number, ...colour("number") },
  { tag: [tags.operator, tags.derefOperator], ...colour("operator") },
  { tag: [tags.punctuation, tags.paren, tags.bracket, tags.brace, tags.separator], ...colour("punctuation") },
  { tag: tags.comment, ...colour("comment") },
]);

const markLine = StateEffect.define();
const wrong = Decoration.line({ class: "rs-cell-wrong" });
const marked = StateField.define({
  create: () => Decoration.none,
  update(shown, change) {
    for (const effect of change.effects) {
      if (!effect.is(markLine)) continue;
      const known = effect.value && effect.value <= change.state.doc.lines;
      return known ? Decoration.set(wrong.range(change.state.doc.line(effect.value).from)) : Decoration.none;
    }
    return change.docChanged ? Decoration.none : shown;
  },
  provide: (field) => EditorView.decorations.from(field),
});

/**
 * @param {{parent: Element, code: string, label: string, hint: string, run: () => void, changed: () => void}} options
 * `hint` is the id of the sentence that says how to run and how to leave
 */
export function openEditor({ parent, code, label, hint, run, changed }) {
  const view = new EditorView({
    parent,
    state: EditorState.create({
      doc: code,
      extensions: [
        keymap.of([{ key: "Shift-Enter", run: () => (run(), true) }, ...defaultKeymap, ...historyKeymap, indentWithTab]),
        history(),
        drawSelection(),
        indentOnInput(),
        bracketMatching(),
        indentUnit.of("    "),
        pythonLanguage,
        syntaxHighlighting(highlighting),
        marked,
        EditorView.contentAttributes.of({ "aria-label": label, "aria-describedby": hint, spellcheck: "false", autocorrect: "off", autocapitalize: "off" }),
        EditorView.updateListener.of((update) => update.docChanged && changed()),
      ],
    }),
  });
  return {
    code: () => view.state.doc.toString(),
    set: (text) => view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: text } }),
    mark: (line) => view.dispatch({ effects: markLine.of(line) }),
    focus: () => view.focus(),
    destroy: () => view.destroy(),
  };
}
