import { BlockList, isIP, isIPv6 } from "node:net";

/** Addresses of a set of networks. */
export interface Networks {
  /** An IPv4 address is itself also when it is written as IPv6 (`::ffff:192.0.2.7`), as sockets that take both write it. */
  has(address: string): boolean;
}

/** @param text `192.0.2.0/24`, `2001:db8::/32`, or one address */
export function isNetwork(text: string): boolean {
  const [address = "", prefix, ...more] = text.split("/");
  const bits = { 0: -1, 4: 32, 6: 128 }[isIP(address)] ?? -1;
  return (
    more.length === 0 && bits >= 0 && (prefix === undefined || (/^\d{1,3}$/.test(prefix) && Number(prefix) <= bits))
  );
}

/** @param texts each a network @throws TypeError for anything else */
export function networksOf(texts: readonly string[]): Networks {
  const list = new BlockList();
  for (const text of texts) {
    if (!isNetwork(text)) throw new TypeError("a network must be written as 192.0.2.0/24 or as an address");
    const [address = "", prefix] = text.split("/");
    const family = familyOf(address);
    list.addSubnet(address, Number(prefix ?? (family === "ipv6" ? 128 : 32)), family);
  }
  return { has: (address) => isIP(address) !== 0 && list.check(address, familyOf(address)) };
}

const familyOf = (address: string) => (isIPv6(address) ? "ipv6" : "ipv4");
