import { DEMO_ACCOUNTS } from "../../schema/demo";

const accountOf = (role: "CUSTOMER" | "STAFF" | "ADMIN") => {
  const account = DEMO_ACCOUNTS.find((each) => each.role === role);
  if (!account) throw new Error(`there is no demo account with the role ${role}`);
  return account;
};

export const CUSTOMER = accountOf("CUSTOMER");
export const STAFF = accountOf("STAFF");

/** The demo shop's further customers, who share its password. @param number from 1 to 20 */
export const otherCustomer = (number: number) => ({
  email: `customer${String(number).padStart(2, "0")}@tributary.test`,
  password: CUSTOMER.password,
});
