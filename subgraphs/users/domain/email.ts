/** Of the whole address. https://www.rfc-editor.org/errata/eid1690 */
export const EMAIL_MAX_LENGTH = 254;
const LOCAL_PART_MAX_LENGTH = 64;

/**
 * What browsers take for `<input type="email">`, with at least one dot in the domain. ASCII on purpose: with it, "the same address in
 * other letters" has one meaning here, in the database and at every mail server. Names of domains in other scripts come as punycode.
 * https://html.spec.whatwg.org/multipage/input.html#valid-e-mail-address
 */
const LABEL = "[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?";
const EMAIL = new RegExp(`^[a-z0-9.!#$%&'*+/=?^_\`{|}~-]+@${LABEL}(?:\\.${LABEL})+$`);

/** The form in which addresses are stored and compared. Always normalise before `isEmail`. */
export const normaliseEmail = (text: string): string => text.trim().toLowerCase();

/** True for a normalised address of a form that mail can be sent to. */
export const isEmail = (email: string): boolean =>
  // The length first: the pattern must not meet text of any size.
  email.length <= EMAIL_MAX_LENGTH && email.indexOf("@") <= LOCAL_PART_MAX_LENGTH && EMAIL.test(email);
