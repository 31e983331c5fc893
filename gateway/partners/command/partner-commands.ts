import { newId } from "../../../kit/ids";
import { createPartnerAdmin } from "../store/create-partner-admin";
import { type Command, defineCommand, required, toggle } from "./command";
import { CommandError } from "./command-error";
import { printTable } from "./print-table";
import { readLine, readSlug } from "./read-values";
import { dayOf } from "./show-values";

export const partnerCommands: readonly Command[] = [
  defineCommand({
    name: "list",
    summary: "Who there is.",
    positions: {},
    flags: {},
    run: async (_, context) => {
      const partners = await createPartnerAdmin(await context.database()).partners();
      const rows = partners.map(({ slug, name, keys, lastUsedAt, createdAt, demo }) => [
        slug,
        demo ? `${name} (demo)` : name,
        String(keys),
        dayOf(lastUsedAt) ?? "never",
        dayOf(createdAt) ?? "",
      ]);
      return {
        text:
          rows.length === 0 ? "There are no partners." : printTable(["SLUG", "NAME", "KEYS", "USED", "SINCE"], rows),
        json: partners,
      };
    },
  }),
  defineCommand({
    name: "create",
    summary: "A new partner, without a key.",
    positions: {},
    flags: { slug: required("SLUG", readSlug), name: required("NAME", readLine) },
    run: async ({ slug, name }, context) => {
      const partner = { id: newId(), slug, name };
      const isNew = await createPartnerAdmin(await context.database()).addPartner(partner);
      if (!isNew) throw new CommandError([`There is a partner ${slug} already.`]);
      const next = `npm run partners -- keys create --partner ${slug}`;
      return { text: `${name} is a partner now, as ${slug}. A key for it: ${next}`, json: partner };
    },
  }),
  defineCommand({
    name: "remove",
    summary: "A partner with its keys and all that belongs to it.",
    positions: {},
    flags: { slug: required("SLUG", readSlug), yes: toggle },
    run: async ({ slug, yes }, context) => {
      const admin = createPartnerAdmin(await context.database());
      const keys = await admin.keysOf(slug);
      if (!keys) throw noPartner(slug);
      if (!yes) {
        throw new CommandError([
          `This takes ${slug} away for good, and ${keys.length} of its keys; if that is meant, add --yes.`,
        ]);
      }
      await admin.removePartner(slug);
      return { text: `${slug} is removed, and its keys are refused from now on.`, json: { removed: slug } };
    },
  }),
];

export const noPartner = (slug: string): CommandError => new CommandError([`There is no partner ${slug}.`]);
