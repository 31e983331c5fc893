import type { Launch } from "../processes/spawn-process";

/** What a gateway is given to serve the scenario. */
export interface Setting {
  readonly supergraphFile: string;
  /** Where all subgraphs answer, such as `http://127.0.0.1:4200`; each at `/<name>`. */
  readonly origin: string;
  readonly port: number;
  /** An empty folder of its own. */
  readonly directory: string;
  /** A file with the bytes of the right answer: what the bare server sends. */
  readonly answerFile: string;
  readonly identity: { readonly jwksUrl: string; readonly issuer: string; readonly audience: string };
  /** A token that a gateway which checks tokens lets in. */
  readonly token: string;
}

/** A gateway that is measured, with one choice of settings. */
export interface Contender {
  /** What `--rows` calls it. */
  readonly id: string;
  readonly label: string;
  /** @throws UnavailableError when it is not installed or does not run on this system */
  launch(setting: Setting): Launch;
  /** Headers of every request, beside the usual ones. */
  headers?(setting: Setting): Readonly<Record<string, string>>;
}

/** Why a row is skipped; the run goes on without it. */
export class UnavailableError extends Error {
  override readonly name = "UnavailableError";
}
