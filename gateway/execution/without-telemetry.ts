/**
 * @apollo/gateway reports to its vendor unless this variable says otherwise at the time a gateway is made. It has no option for it, hence
 * the one place outside main.ts that touches the environment; importing this file is what every maker of a gateway does first.
 */
// eslint-disable-next-line no-restricted-properties -- see above
process.env["APOLLO_TELEMETRY_DISABLED"] = "1";
