import type { CategoryDocument } from "../documents";

const TREE = [
  { slug: "home", name: "Home", below: ["Tableware", "Textiles", "Lighting"] },
  { slug: "art", name: "Art", below: ["Prints", "Ceramics"] },
  { slug: "outdoors", name: "Outdoors", below: ["Bags", "Bottles", "Camp kitchen"] },
  { slug: "stationery", name: "Stationery", below: ["Notebooks", "Writing"] },
] as const;

const toId = (number: number): string => `01890000-0000-7000-8000-0000000d${String(number).padStart(4, "0")}`;

/** The tree of the demo shop: two levels, the same ids each time. */
export const DEMO_CATEGORIES: readonly CategoryDocument[] = buildTree();

function buildTree(): CategoryDocument[] {
  const categories: CategoryDocument[] = [];
  for (const { slug, name, below } of TREE) {
    const top = toId(categories.length + 1);
    categories.push({ _id: top, slug, name, parentId: null, path: [top] });
    for (const child of below) {
      const id = toId(categories.length + 1);
      const childSlug = child.toLowerCase().replace(" ", "-");
      categories.push({ _id: id, slug: childSlug, name: child, parentId: top, path: [top, id] });
    }
  }
  return categories;
}
