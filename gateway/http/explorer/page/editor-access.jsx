import { useEffect } from "react";
import { useGraphiQL, useGraphiQLActions, useMonaco } from "@graphiql/react";
import { editorColors } from "./editor-colors.mjs";
import { parseHeaders } from "./headers.mjs";

/**
 * Joins the editors to the rest of the page: publishes `window.tributaryExplorer`, keeps a running subscription's
 * headers those of the headers tab, ends it when another tab comes forward, and paints the editors.
 */
export function EditorAccess({ container, live }) {
  const query = useGraphiQL((state) => state.queryEditor);
  const variables = useGraphiQL((state) => state.variableEditor);
  const headers = useGraphiQL((state) => state.headerEditor);
  const response = useGraphiQL((state) => state.responseEditor);
  const isIntrospecting = useGraphiQL((state) => state.isIntrospecting);
  const activeTab = useGraphiQL((state) => state.tabs[state.activeTabIndex]?.id);
  const monaco = useMonaco((state) => state.monaco);
  const { stop } = useGraphiQLActions();

  useEffect(() => {
    if (!query || !variables || !headers || !response) return;
    const editors = { query, variables, headers, response };
    globalThis.tributaryExplorer = Object.freeze({
      getText: (editor) => editors[editor].getValue(),
      setText: (editor, text) => editors[editor].setValue(text),
    });
    for (const [name, editor] of Object.entries(editors)) {
      editor.getContainerDomNode().dataset.testid = `explorer-${name}`;
      editor.updateOptions({ fontSize: 14 });
    }
  }, [query, variables, headers, response]);

  const ready = Boolean(query && variables && headers && response) && !isIntrospecting;
  useEffect(() => {
    container.dataset.ready = String(ready);
  }, [container, ready]);

  useEffect(() => {
    if (monaco) for (const [name, theme] of Object.entries(editorColors)) monaco.editor.defineTheme(name, theme);
  }, [monaco]);

  useEffect(() => {
    if (!headers) return;
    const apply = () => {
      const parsed = parseHeaders(headers.getValue());
      if (parsed) live.useHeaders(parsed);
    };
    // Half a token is no token: what is being typed counts when the editor is left.
    const subscriptions = [
      headers.onDidBlurEditorWidget(apply),
      headers.onDidChangeModelContent(() => headers.hasWidgetFocus() || apply()),
    ];
    return () => subscriptions.forEach((one) => one.dispose());
  }, [headers, live]);

  useEffect(() => stop, [activeTab, stop]);

  return null;
}
