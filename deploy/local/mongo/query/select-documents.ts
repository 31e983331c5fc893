import type { Collection } from "../storage/collection";
import { createDocument, type Document, isDocument } from "../values/document";
import { choosePlan, type Plan } from "./choose-plan";
import { compileFilter, type FilterScope, type Predicate } from "./compile-filter";
import { parseSort, type SortField, sortDocuments } from "./sort-documents";
import { textScore } from "./text-search";

export interface Selection {
  readonly filter?: unknown;
  readonly sort?: unknown;
  readonly hint?: unknown;
  readonly skip?: number;
  /** 0 for no limit. */
  readonly limit?: number;
  readonly evaluate?: FilterScope["evaluate"];
}

export interface Selected {
  readonly documents: Document[];
  readonly plan: Plan;
  readonly sort: readonly SortField[];
  readonly keysExamined: number;
  readonly documentsExamined: number;
  /** The compiled filter: tells which array elements matched. */
  readonly matches: Predicate;
  /** Relevance of a document to the filter's `$text`, else 0. */
  readonly score: (document: Document) => number;
}

/** Finds documents: plan, filter, sort, skip, limit. The answer is a snapshot: documents never change in place. */
export function selectDocuments(collection: Collection, selection: Selection): Selected {
  const filter = selection.filter ?? createDocument();
  const textFields = [...collection.indexes.values()].find((index) => index.textFields)?.textFields;
  const matches = compileFilter(filter, {
    ...(selection.evaluate && { evaluate: selection.evaluate }),
    ...(textFields && { textFields }),
  });
  const conditions = isDocument(filter) ? filter : createDocument();
  const sort = parseSort(selection.sort);
  const skip = selection.skip ?? 0;
  const wanted = selection.limit ? skip + selection.limit : Infinity;
  const plan = choosePlan(collection, conditions, sort, selection.hint, Number.isFinite(wanted) ? wanted : 0);
  const counts = { keys: 0, documents: 0 };
  const found: Document[] = [];
  const enough = plan.providesSort ? wanted : Infinity;
  for (const document of candidates(collection, plan, counts)) {
    counts.documents++;
    if (!matches(document)) continue;
    found.push(document);
    if (found.length >= enough) break;
  }
  const score = (document: Document) => (textFields ? textScore(document, conditions.$text, textFields) : 0);
  const sorted = plan.providesSort ? found : sortDocuments(found, sort, score);
  const documents = skip > 0 || wanted < sorted.length ? sorted.slice(skip, wanted) : sorted;
  return { documents, plan, sort, keysExamined: counts.keys, documentsExamined: counts.documents, matches, score };
}

function* candidates(collection: Collection, plan: Plan, counts: { keys: number }): Generator<Document> {
  if (plan.kind === "scan") {
    yield* plan.backward ? [...collection.documents.values()].reverse() : collection.documents.values();
    return;
  }
  if (plan.kind === "id") {
    const document = collection.documents.get(plan.id);
    if (document) counts.keys++;
    if (document) yield document;
    return;
  }
  const scans = plan.kind === "or" ? plan.branches : [plan];
  // An array gives a document several entries, of which the first one counts.
  const repeats = plan.kind !== "index" || plan.index.isMultikey;
  const seen = repeats ? new Set<string>() : undefined;
  for (const { index, intervals, backward } of scans) {
    for (const interval of backward ? [...intervals].reverse() : intervals) {
      for (const { id } of index.entries.scan(interval, backward)) {
        counts.keys++;
        if (seen?.has(id)) continue;
        seen?.add(id);
        const document = collection.documents.get(id);
        if (document) yield document;
      }
    }
  }
}
