import type { Dependencies } from "./dependencies";
import { logIn } from "./log-in";
import { logOut } from "./log-out";
import { refresh } from "./refresh";
import { register } from "./register";

type Bound<UseCase> = UseCase extends (dependencies: Dependencies, ...rest: infer Rest) => infer Result
  ? (...rest: Rest) => Result
  : never;

/** The use cases that change something, with their dependencies given. */
export interface UseCases {
  readonly register: Bound<typeof register>;
  readonly logIn: Bound<typeof logIn>;
  readonly refresh: Bound<typeof refresh>;
  readonly logOut: Bound<typeof logOut>;
}

export const createUseCases = (dependencies: Dependencies): UseCases => ({
  register: (...rest) => register(dependencies, ...rest),
  logIn: (...rest) => logIn(dependencies, ...rest),
  refresh: (...rest) => refresh(dependencies, ...rest),
  logOut: (...rest) => logOut(dependencies, ...rest),
});
