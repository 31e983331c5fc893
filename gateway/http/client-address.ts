import type { IncomingMessage } from "node:http";
import { isIP } from "node:net";
import { networksOf } from "../access/networks";

/** The address that a request comes from; undefined when the connection is gone. */
export type ClientAddress = (req: IncomingMessage) => string | undefined;

/**
 * Looks behind proxies that are ours: each adds at the end of `X-Forwarded-For` whom it was asked by, so the last address that is not one of them is the
 * client. What stands before it the client may have written itself.
 * @param trustedProxies networks; of a request from anywhere else the header says nothing
 */
export function createClientAddress(trustedProxies: readonly string[]): ClientAddress {
  const trusted = networksOf(trustedProxies);
  return (req) => {
    let address = req.socket.remoteAddress;
    const header = req.headers["x-forwarded-for"];
    if (address === undefined || header === undefined || !trusted.has(address)) return address;
    for (const hop of String(header).split(",").reverse().map(withoutPort)) {
      if (isIP(hop) === 0) break;
      address = hop;
      if (!trusted.has(hop)) break;
    }
    return address;
  };
}

/** Some proxies write `192.0.2.7:1234` or `[2001:db8::7]:1234`. */
const withoutPort = (hop: string): string => {
  const [, bracketed, plain] = /^\s*(?:\[([^\]]*)\](?::\d+)?|([\d.]+)(?::\d+)?)\s*$/.exec(hop) ?? [];
  return bracketed ?? plain ?? hop.trim();
};
