import { useSyncExternalStore } from "react";
import { useGraphiQL } from "@graphiql/react";
import { findToken } from "./find-token.mjs";
import { parseHeaders, withHeader } from "./headers.mjs";

/** The line below the result: what the operation did, and a way to log in with what it answered. */
export function StatusLine({ activity }) {
  const now = useSyncExternalStore(activity.listen, activity.get);
  return (
    <div
      className="explorer-status"
      role="status"
      data-testid="explorer-status"
      data-state={now.state}
      data-runs={now.runs}
      data-events={now.events ?? 0}
    >
      <span>
        <span className="explorer-status-dot" aria-hidden />
        {describe(now)}
      </span>
      {details(now).map((detail) => (
        <span key={detail}>{detail}</span>
      ))}
      <TokenOffer result={now.result} />
    </div>
  );
}

/** Any schema's log-in mutation answers with a token somewhere: one click sends it along from now on. */
function TokenOffer({ result }) {
  const headers = useGraphiQL((state) => state.headerEditor);
  const found = findToken(result?.data);
  if (!found || !headers) return null;

  const use = () => {
    const typed = parseHeaders(headers.getValue()) ?? {};
    headers.setValue(JSON.stringify(withHeader(typed, "Authorization", `Bearer ${found.token}`), null, 2));
  };
  return (
    <button
      type="button"
      className="explorer-offer"
      title="Puts it into the Headers tab as Authorization"
      data-testid="explorer-use-token"
      onClick={use}
    >
      Use {found.path} as Authorization
    </button>
  );
}

function describe({ state, events }) {
  if (state === "live") return events ? "Live" : "Live, waiting for the first event";
  const words = { idle: "Ready", running: "Running", reconnecting: "Reconnecting", done: "Done", failed: "Failed" };
  return words[state] ?? "Stopped";
}

function details({ httpStatus, durationMs, bytes, events, result }) {
  const shown = [];
  if (httpStatus) shown.push(`HTTP ${httpStatus}`);
  if (events) shown.push(events === 1 ? "1 event" : `${events} events`);
  if (events) shown.push(...tellings(result?.extensions));
  if (durationMs !== undefined && !events) shown.push(`${Math.round(durationMs)} ms`);
  if (bytes) shown.push(bytes < 1024 ? `${bytes} B` : `${(bytes / 1024).toFixed(1)} KiB`);
  return shown;
}

/** What a message of a subscription says of those before it. */
function tellings({ recovered, dropped } = {}) {
  const shown = [];
  if (recovered === true) shown.push("resumed, nothing missed");
  if (recovered === false) shown.push("events before this one were missed");
  if (dropped) shown.push(dropped === 1 ? "1 event dropped" : `${dropped} events dropped`);
  return shown;
}
