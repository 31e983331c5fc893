import { checkRestBinding } from "../../../schema/check-rest-binding";
import { restConflict } from "../../../schema/rest-path";
import type { DraftOperation, RegistrationProblem } from "./draft-operation";

/** What is wrong with operations that are published together, as far as no schema is needed: per partner each id, name and path is there once. */
export function checkSet(operations: readonly DraftOperation[]): RegistrationProblem[] {
  return operations.flatMap((one, index) => {
    const { partner, name: operation, definition, rest } = one;
    const problem = (message: string): RegistrationProblem => ({ partner, operation, message });
    const own = rest ? checkRestBinding(definition, rest).map(problem) : [];
    const others = operations.slice(0, index).filter((other) => other.partner === partner);
    const conflicts = others.flatMap((other) => {
      const reason = rest && other.rest && restConflict(other.rest, rest);
      return [
        ...(other.id === one.id ? [problem(`${other.name} has the same id`)] : []),
        ...(other.name === operation && other.id !== one.id ? [problem("another operation has the same name")] : []),
        ...(reason === undefined ? [] : [problem(`${other.name} and it cannot be told apart: ${reason}`)]),
      ];
    });
    return [...own, ...conflicts];
  });
}
