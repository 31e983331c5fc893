import type { LookupAddress, LookupOptions } from "node:dns";
import { lookup as systemLookup } from "node:dns";
import { BlockList, isIP, type LookupFunction } from "node:net";

/** Where a gateway sends. */
export interface TargetRules {
  /** Off in production: what is sent is the partner's business alone. */
  readonly allowHttp: boolean;
  /** Off in production: a webhook must not be a way into the gateway's own network. */
  readonly allowPrivate: boolean;
}

/** A target that the rules refuse; the message is for the partner. */
export class TargetRefused extends Error {
  override readonly name = "TargetRefused";
  readonly code = "WEBHOOK_TARGET_REFUSED";
}

/** Not of the public internet. https://www.iana.org/assignments/iana-ipv4-special-registry/ */
const SPECIAL_V4: readonly (readonly [net: string, prefix: number])[] = [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.0.0.0", 24],
  ["192.0.2.0", 24],
  ["192.88.99.0", 24],
  ["192.168.0.0", 16],
  ["198.18.0.0", 15],
  ["198.51.100.0", 24],
  ["203.0.113.0", 24],
  ["224.0.0.0", 4],
  ["240.0.0.0", 4],
];
/** Of what is global unicast: protocol assignments with Teredo, documentation, 6to4. The last ones carry IPv4 addresses that nobody looks at. */
const SPECIAL_V6: readonly (readonly [net: string, prefix: number])[] = [
  ["2001::", 23],
  ["2001:db8::", 32],
  ["2002::", 16],
  ["3fff::", 20],
];

const listOf = (nets: readonly (readonly [string, number])[], family: "ipv4" | "ipv6") => {
  const list = new BlockList();
  for (const [net, prefix] of nets) list.addSubnet(net, prefix, family);
  return list;
};
const specialV4 = listOf(SPECIAL_V4, "ipv4");
const specialV6 = listOf(SPECIAL_V6, "ipv6");
/** Loopback, private, link-local, multicast, mapped and translated addresses are all outside. */
const globalV6 = listOf([["2000::", 3]], "ipv6");

/** Whether an address is of the public internet. What is no address is not. */
export function isPublicAddress(address: string): boolean {
  const family = isIP(address);
  if (family === 4) return !specialV4.check(address, "ipv4");
  // An address with a zone is of one link.
  if (family !== 6 || address.includes("%")) return false;
  return globalV6.check(address, "ipv6") && !specialV6.check(address, "ipv6");
}

const MAX_URL_LENGTH = 2_048;
/** Below it only the port of HTTPS: no mail server or the like can be talked to. */
const FIRST_FREE_PORT = 1_024;

/**
 * What can be said of a target by its text. Names are checked when they are resolved.
 * @returns why it cannot be one
 */
export function refuseTarget(text: string, { allowHttp, allowPrivate }: TargetRules): string | undefined {
  if (text.length > MAX_URL_LENGTH) return `A URL has ${MAX_URL_LENGTH} characters at most.`;
  if (!URL.canParse(text)) return "That is not a URL.";
  const url = new URL(text);
  if (url.protocol !== "https:" && !(allowHttp && url.protocol === "http:")) return "The URL must begin with https://.";
  if (url.username !== "" || url.password !== "") return "The URL must not hold a user or a password.";
  if (url.hash !== "") return "The URL must not have a fragment.";
  const address = url.hostname.replace(/^\[(.*)\]$/, "$1");
  if (allowPrivate) return undefined;
  if (isIP(address) !== 0 && !isPublicAddress(address)) return NOT_PUBLIC;
  if (url.port !== "" && url.port !== "443" && Number(url.port) < FIRST_FREE_PORT) {
    return `The port must be 443 or from ${FIRST_FREE_PORT} on.`;
  }
  return undefined;
}

const NOT_PUBLIC = "The URL must lead to an address of the public internet.";

type Lookup = (
  hostname: string,
  options: LookupOptions & { all: true },
  done: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void;

/**
 * Resolves names for connections, and gives those addresses only that are of the public internet: what was checked is what is connected to,
 * whatever the name means a moment later.
 * @param lookup of the system
 */
export function createGuardedLookup({ allowPrivate }: TargetRules, lookup: Lookup = systemLookup): LookupFunction {
  return (hostname, options, done) => {
    lookup(hostname, { ...options, all: true }, (error, addresses) => {
      if (error) return done(error, "", 0);
      const allowed = allowPrivate ? addresses : addresses.filter(({ address }) => isPublicAddress(address));
      const [first] = allowed;
      if (!first) return done(new TargetRefused(NOT_PUBLIC), "", 0);
      if (options.all) done(null, allowed);
      else done(null, first.address, first.family);
    });
  };
}
