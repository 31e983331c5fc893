/**
 * Entry of the explorer page: reads the settings the server embedded, tells Monaco where its workers are, renders.
 *
 * `window.tributaryExplorer` is the page's only global and a promise to scripts that drive it (browser stories,
 * extensions): `getText(editor)` and `setText(editor, text)` with `"query" | "variables" | "headers" | "response"`.
 * Monaco draws only the visible lines and completes what is typed, so neither the DOM nor key strokes will do.
 * Everything else is reachable by role, label or test id:
 * - button "Execute query …" / "Stop query …", regions "Operation Editor", "Result Window"
 * - `explorer-status` with `data-state` = idle | running | live | reconnecting | done | failed | stopped and
 *   `data-runs` = how many operations were started, `explorer-examples`, `explorer-use-token`,
 *   `explorer-link-sdl`, `explorer-link-sandbox`, `explorer-link-home`, `explorer-query-plan`
 * - `data-ready="true"` on `#explorer` once the editors exist and the schema was asked for
 */
import { createRoot } from "react-dom/client";
import "@graphiql/react/font/fira-code.css";
import "@graphiql/react/style.css";
import "@graphiql/plugin-doc-explorer/style.css";
import "@graphiql/plugin-history/style.css";
import "graphiql/graphiql.css";
import "./explorer.css";
import { Explorer } from "./explorer.jsx";

const settings = JSON.parse(document.getElementById("explorer-settings").textContent);
const container = document.getElementById("explorer");

globalThis.MonacoEnvironment = {
  getWorker: (_moduleId, label) => new Worker(settings.workers[label] ?? settings.workers.editor, { name: label }),
};

createRoot(container).render(<Explorer settings={settings} container={container} />);
