import { BSONRegExp } from "bson";
import { CommandError, notImplemented } from "../errors";

/**
 * A BSON regular expression as JavaScript's. The server uses PCRE; the common ground is large, and what JavaScript cannot
 * parse is answered with the server's error. https://www.mongodb.com/docs/manual/reference/operator/query/regex/
 */
export function toRegExp(source: unknown, options: unknown = ""): RegExp {
  const given = source instanceof BSONRegExp ? source.pattern : source;
  if (typeof given !== "string") throw new CommandError(2, "$regex has to be a string");
  let pattern: string = given;
  if (typeof options !== "string") throw new CommandError(2, "$options has to be a string");
  let flags = options || (source instanceof BSONRegExp ? source.options : "");
  const unknown = /[^imsxu]/.exec(flags);
  if (unknown) throw new CommandError(51108, `invalid flag in regex options: ${unknown[0]}`);
  if (flags.includes("x")) throw notImplemented("the regular expression option 'x'");
  const inline = /^\(\?([ims]+)\)/.exec(pattern);
  if (inline) {
    pattern = pattern.slice(inline[0].length);
    flags += inline[1];
  }
  try {
    return new RegExp(pattern, [...new Set(flags.replace("u", ""))].join(""));
  } catch (error) {
    throw new CommandError(51091, `Regular expression is invalid: ${(error as Error).message}`);
  }
}

/** The literal text every match starts with, for case-sensitive patterns such as `/^red sh/`; "" when there is none. */
export function regexPrefix(source: BSONRegExp): string {
  if (source.options !== "" && source.options !== "s") return "";
  const [, literal = "", next = ""] = /^\^([\w \-/@:,]*)(.?)/s.exec(source.pattern) ?? [];
  if (source.pattern.includes("|")) return "";
  // A quantifier makes the last character optional.
  return /[*?{]/.test(next) ? literal.slice(0, -1) : literal;
}
