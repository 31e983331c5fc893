import { CallRefused } from "../partners/calls/call-refused";
import { type Problem, problem } from "../partners/rest/problem";
import { ParameterError } from "../partners/rest/read-parameters";
import { HttpRefusal } from "./http-refusal";
import type { PartnerCall } from "./partner-call";
import { sendProblem } from "./send-problem";

/** Answers what is refused with a problem document. What is not a refusal, or comes when the answer has begun, is thrown on. */
export const answeringProblems =
  (answer: (call: PartnerCall) => Promise<void>): ((call: PartnerCall) => Promise<void>) =>
  (call) =>
    answer(call).catch((error: unknown) => {
      const refusal = refusalOf(error);
      if (!refusal || call.res.headersSent) throw error;
      call.head.move();
      sendProblem(call.res, refusal.problem, call.context.requestId, refusal.headers);
    });

/** What a refused request over plain HTTP is answered with. @returns undefined for what is nobody's to know */
function refusalOf(error: unknown): { problem: Problem; headers: Readonly<Record<string, string>> } | undefined {
  if (error instanceof ParameterError) return { problem: problem(400, "BAD_USER_INPUT", error.message), headers: {} };
  if (error instanceof CallRefused) {
    const { status, code, message, headers, type, details } = error;
    return { problem: problem(status, code, message, { ...(type === undefined ? {} : { type }), details }), headers };
  }
  if (!(error instanceof HttpRefusal)) return undefined;
  return { problem: problem(error.status, error.code, error.message), headers: error.headers };
}
