/**
 * @apollo/gateway reports to its vendor unless this variable says otherwise at the moment a gateway is made. It has no option for it, hence
 * the one place outside main.ts that touches the environment.
 */
export function withoutTelemetry<T>(make: () => T): T {
  // eslint-disable-next-line no-restricted-properties -- see above
  process.env["APOLLO_TELEMETRY_DISABLED"] = "1";
  return make();
}
