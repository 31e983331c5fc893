/** Names of this machine: what a browser sends for one of these is on this machine. */
const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/i;

/**
 * Whether a request was meant for this gateway. A page whose site's name was pointed to this machine after it was loaded (DNS rebinding) sends that name as
 * `Host`, and may send no `Origin`: so the names are compared. https://modelcontextprotocol.io/specification/2025-11-25/basic/transports#security-warning
 *
 * @param options.host that the gateway listens on; with a loopback address only names of this machine are taken
 * @param options.named hosts without ports; whoever names some is asked by these, and by names of this machine, only
 */
export function createAgentHostCheck(options: {
  host: string;
  named: readonly string[];
}): (host: string | undefined) => boolean {
  const named = new Set(options.named.map((name) => name.toLowerCase()));
  const isOpen = named.size === 0 && !isLoopback(options.host);
  return (host) => {
    const name = host?.replace(/:\d{1,5}$/, "").toLowerCase();
    return isOpen || (name !== undefined && (named.has(name) || LOOPBACK.test(name)));
  };
}

const isLoopback = (address: string): boolean => LOOPBACK.test(address) || address === "::1";
