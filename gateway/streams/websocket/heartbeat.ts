/** A peer that is asked for a sign of life once in each interval. */
export interface HeartbeatMember {
  beat(): void;
}

export interface Heartbeat {
  add(member: HeartbeatMember): void;
  remove(member: HeartbeatMember): void;
  close(): void;
}

/** Few are asked at once: pings to a thousand sockets keep a query waiting for a long time. */
const TICK_MS = 50;

/**
 * One timer for all peers. They are dealt out to slots, and each tick is the turn of one slot, so that thousands of peers that connected together are not
 * asked together.
 *
 * @param intervalMs between two beats of one peer
 */
export function createHeartbeat(intervalMs: number): Heartbeat {
  const slots = Array.from({ length: Math.max(1, Math.round(intervalMs / TICK_MS)) }, () => new Set<HeartbeatMember>());
  const slotOf = new Map<HeartbeatMember, Set<HeartbeatMember>>();
  let turn = 0;
  let dealt = 0;
  let timer: NodeJS.Timeout | undefined;

  const tick = () => {
    turn = (turn + 1) % slots.length;
    for (const member of slots[turn] ?? []) member.beat();
  };
  const stop = () => {
    clearInterval(timer);
    timer = undefined;
  };

  return {
    add: (member) => {
      const slot = slots[dealt++ % slots.length];
      if (!slot) return;
      slot.add(member);
      slotOf.set(member, slot);
      timer ??= setInterval(tick, intervalMs / slots.length).unref();
    },
    remove: (member) => {
      slotOf.get(member)?.delete(member);
      slotOf.delete(member);
      if (slotOf.size === 0) stop();
    },
    close: stop,
  };
}
