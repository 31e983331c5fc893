/** Monaco's two themes in the page's colours; GraphiQL switches between them by these names. */
const colors = ({ accent, accentFaint, surface, text }) => ({
  "editor.background": "#ffffff00",
  "scrollbar.shadow": "#ffffff00",
  "textLink.foreground": accent,
  "textLink.activeForeground": accent,
  "editorLink.activeForeground": accent,
  "editorHoverWidget.background": surface,
  "list.hoverBackground": accentFaint,
  "list.highlightForeground": accent,
  "list.focusHighlightForeground": accent,
  "menu.background": surface,
  "menu.selectionBackground": accentFaint,
  "editorSuggestWidget.background": surface,
  "editorSuggestWidget.selectedBackground": accentFaint,
  "editorSuggestWidget.selectedForeground": text,
  "quickInputList.focusForeground": text,
  "menu.selectionForeground": text,
  "quickInput.background": surface,
  "quickInputList.focusBackground": accentFaint,
  "editorWidget.background": surface,
  focusBorder: accent,
});

export const editorColors = {
  "graphiql-LIGHT": {
    base: "vs",
    inherit: true,
    colors: colors({ accent: "#077e98", accentFaint: "#077e981a", surface: "#ffffff", text: "#1f2937" }),
    rules: [
      { token: "comment", foreground: "7b8794" },
      { token: "keyword", foreground: "a21caf" },
      { token: "key.identifier.gql", foreground: "0b6478" },
      { token: "argument.identifier.gql", foreground: "4f46c8" },
      { token: "string.key.json", foreground: "0b6478" },
      { token: "string.value.json", foreground: "15803d" },
      { token: "number", foreground: "b45309" },
    ],
  },
  "graphiql-DARK": {
    base: "vs-dark",
    inherit: true,
    colors: colors({ accent: "#3dc8dd", accentFaint: "#3dc8dd22", surface: "#14222e", text: "#e5edf3" }),
    rules: [
      { token: "comment", foreground: "6f8294" },
      { token: "keyword", foreground: "e39af0" },
      { token: "key.identifier.gql", foreground: "7ddcec" },
      { token: "argument.identifier.gql", foreground: "a5a2ff" },
      { token: "string.key.json", foreground: "7ddcec" },
      { token: "string.value.json", foreground: "86dca4" },
      { token: "number", foreground: "f3b562" },
    ],
  },
};
