import type { ErrorCode } from "../../../kit/errors";
import { Refusal } from "../../../kit/refusal";

/** A call that a stage refuses: each door words it in its own format. Everything in it is for the caller. */
export class CallRefused extends Refusal {
  override readonly name = "CallRefused";

  constructor(
    readonly status: number,
    readonly code: ErrorCode,
    message: string,
    options: {
      readonly headers?: Readonly<Record<string, string>>;
      /** A URI for the kind of problem, where one is registered: https://www.rfc-editor.org/rfc/rfc9457#section-3.1.1 */
      readonly type?: string;
      /** Members beside the message: of a problem document, or of GraphQL's `extensions`. */
      readonly details?: Readonly<Record<string, unknown>>;
    } = {},
  ) {
    super(message);
    this.headers = options.headers ?? {};
    this.type = options.type;
    this.details = options.details ?? {};
  }

  readonly headers: Readonly<Record<string, string>>;
  readonly type: string | undefined;
  readonly details: Readonly<Record<string, unknown>>;
}
