import { formatShortcutForOS, KEY_MAP } from "@graphiql/react";

/** What the first tab holds: how to use the page, and an operation that is valid on every schema. */
export const welcomeText = (hasExamples) => `# Write an operation here; its result appears on the right.
#
#   ${formatShortcutForOS(KEY_MAP.runQuery.key, "Cmd").padEnd(12)}  run it
#   ${"Ctrl-Space".padEnd(12)}  complete what is being typed
#   ${KEY_MAP.prettify.key.padEnd(12)}  tidy up
#   ${KEY_MAP.mergeFragments.key.padEnd(12)}  merge fragments
#
# Headers go with each request, and with the connection
# of a subscription. The schema's documentation is behind
# the book on the left.${hasExamples ? " Examples are above." : ""}

query {
  __typename
}
`;
