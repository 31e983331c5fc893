import { type ServerResponse, validateHeaderValue } from "node:http";
import type { AnswerHeaders } from "../partners/calls/call";

/**
 * The headers of an answer until its head is written, in one go. Set on the response one by one, each would be checked, kept in a dictionary and taken out of
 * it again, which takes several times as long. Names are in small letters.
 */
export class AnswerHead implements AnswerHeaders {
  /** Names and values by turns, as Node takes them. */
  private readonly fields: string[] = [];
  private isMoved = false;

  constructor(private readonly res: ServerResponse) {}

  get(name: string): string | undefined {
    if (this.isMoved) return this.res.getHeader(name)?.toString();
    const at = this.find(name);
    return at < 0 ? undefined : this.fields[at + 1];
  }

  set(name: string, value: string): void {
    if (this.isMoved) return void this.res.setHeader(name, value);
    const at = this.find(name);
    if (at < 0) this.fields.push(name, value);
    else this.fields[at + 1] = value;
  }

  /** As a response has it. */
  setHeader(name: string, value: string): void {
    this.set(name, value);
  }

  /** For whoever answers in another way: from now on all headers are on the response itself. What no header can hold is left out: the answer is an error then. */
  move(): void {
    if (this.isMoved) return;
    this.isMoved = true;
    for (let i = 0; i < this.fields.length; i += 2) {
      const [name, value] = [this.fields[i] as string, this.fields[i + 1] as string];
      if (isFieldValue(value)) this.res.setHeader(name, value);
    }
  }

  /** @throws TypeError for a value that no header can hold */
  write(status: number): void {
    if (this.isMoved) this.res.writeHead(status);
    else this.res.writeHead(status, this.fields);
  }

  private find(name: string): number {
    const { fields } = this;
    for (let i = 0; i < fields.length; i += 2) if (fields[i] === name) return i;
    return -1;
  }
}

function isFieldValue(value: string): boolean {
  try {
    validateHeaderValue("x", value);
    return true;
  } catch {
    return false;
  }
}
