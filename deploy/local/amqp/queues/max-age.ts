const unitMs: Record<string, number> = {
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  D: 86_400_000,
  M: 30 * 86_400_000,
  Y: 365 * 86_400_000,
};

/** "24h", "7D" and so on (https://www.rabbitmq.com/docs/streams#retention) in milliseconds; undefined when malformed. */
export function maxAgeMs(text: string): number | undefined {
  const match = /^(\d+)([smhDMY])$/.exec(text);
  return match ? Number(match[1]) * unitMs[match[2]!]! : undefined;
}
