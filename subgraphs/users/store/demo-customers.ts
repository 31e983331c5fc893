const NAMES = [
  "Amara Okafor",
  "Benoît Lefèvre",
  "Chiara Ricci",
  "Dmitri Volkov",
  "Elif Yılmaz",
  "Fionn Gallagher",
  "Greta Lindqvist",
  "Hiroshi Tanaka",
  "Inés Moreno",
  "Jonas Weber",
  "Kateřina Nováková",
  "Liam O’Connor",
  "Mei-Ling Chen",
  "Nadia Haddad",
  "Oluwaseun Adeyemi",
  "Priya Raman",
  "Quentin Dubois",
  "Rosa van Dijk",
  "Søren Kjær",
  "Tomasz Wójcik",
] as const;

export interface DemoCustomer {
  readonly id: string;
  readonly email: string;
  readonly name: string;
}

/** The demo shop's other customers: they share the demo password. */
export const DEMO_CUSTOMERS: readonly DemoCustomer[] = NAMES.map((name, i) => {
  const number = String(i + 1).padStart(2, "0");
  return { id: `01890000-0000-7000-8000-0000000001${number}`, email: `customer${number}@tributary.test`, name };
});
