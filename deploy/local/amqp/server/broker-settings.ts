/** What a broker offers its clients. */
export interface BrokerSettings {
  heartbeatSeconds: number;
  handshakeTimeoutMs: number;
  frameMaxBytes: number;
  channelMax: number;
}
