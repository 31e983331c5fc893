/** Why a subgraph gave no usable answer. For logs and metrics; clients see only that a service did not answer. */
export class UpstreamFault extends Error {
  override readonly name = "UpstreamFault";

  constructor(
    readonly reason:
      | "connection"
      | "deadline"
      | "aborted"
      | "status"
      | "content-type"
      | "too-large"
      | "malformed"
      /** Ours, not the subgraph's: the request could not be made. */
      | "fault",
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
