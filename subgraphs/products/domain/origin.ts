/** The request or event that set something off: goes with everything that follows from it. */
export interface Origin {
  readonly requestId: string;
  /** W3C Trace Context. */
  readonly traceparent: string;
}
