/**
 * Keeps a connection honest (AMQP 0-9-1, 4.2.7): `send` is called when nothing has been sent for half the interval, `lost`
 * once nothing has been received for two intervals. Returns how to report traffic, and `stop`.
 */
export function startHeartbeat(intervalSeconds: number, send: () => void, lost: () => void) {
  const intervalMs = intervalSeconds * 1000;
  let receivedAtMs = Date.now();
  let sentAtMs = Date.now();
  const timer = setInterval(() => {
    const nowMs = Date.now();
    if (nowMs - receivedAtMs > 2 * intervalMs) lost();
    else if (nowMs - sentAtMs >= intervalMs / 2) send();
  }, intervalMs / 4);
  return {
    received: (): void => {
      receivedAtMs = Date.now();
    },
    sent: (): void => {
      sentAtMs = Date.now();
    },
    stop: (): void => clearInterval(timer),
  };
}

export type Heartbeat = ReturnType<typeof startHeartbeat>;
