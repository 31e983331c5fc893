import { COMMON_PASSWORDS } from "./common-passwords";
import { EMAIL_MAX_LENGTH, isEmail, normaliseEmail } from "./email";
import { PASSWORD_MAX_LENGTH, PASSWORD_MIN_LENGTH } from "./password-hasher";
import type { InvalidInput } from "./refusal";

export interface Registration {
  readonly email: string;
  readonly password: string;
  readonly name: string;
}

const NAME_MAX_LENGTH = 100;
/** Control characters and halves of surrogate pairs: neither is part of a name, and PostgreSQL cannot store all of them. */
const UNPRINTABLE = /[\p{Cc}\p{Cs}]/u;

const invalid = (field: string, message: string): InvalidInput => ({ kind: "invalid-input", field, message });

/** People count characters, not UTF-16 units. */
const lengthOf = (text: string): number => [...text].length;

/**
 * Checks what someone wants to register with.
 * @returns the input with its e-mail address and name in their stored form, or the first broken rule
 */
export function checkRegistration(input: Registration): Registration | InvalidInput {
  const email = normaliseEmail(input.email);
  if (!isEmail(email)) {
    return invalid(
      "email",
      `The e-mail address must look like name@example.com, up to ${EMAIL_MAX_LENGTH} characters.`,
    );
  }
  const name = input.name.trim().normalize("NFC");
  if (name === "" || lengthOf(name) > NAME_MAX_LENGTH) {
    return invalid("name", `The name must have 1 to ${NAME_MAX_LENGTH} characters.`);
  }
  if (UNPRINTABLE.test(name)) return invalid("name", "The name must not contain control characters.");

  const { password } = input;
  const passwordLength = lengthOf(password);
  if (passwordLength < PASSWORD_MIN_LENGTH || passwordLength > PASSWORD_MAX_LENGTH) {
    return invalid("password", `The password must have ${PASSWORD_MIN_LENGTH} to ${PASSWORD_MAX_LENGTH} characters.`);
  }
  if (COMMON_PASSWORDS.has(password.toLowerCase())) {
    return invalid("password", "This password is among the first that attackers try; choose another one.");
  }
  if (password.toLowerCase() === email) return invalid("password", "The password must not be the e-mail address.");
  return { email, name, password };
}
