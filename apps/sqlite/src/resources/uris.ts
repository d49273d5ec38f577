/** Addresses of this server's resources; names are percent-encoded. */
export const memoUri = "memo://insights";
export const schemaTemplate = "sqlite://{database}/schema";
export const tableTemplate = "sqlite://{database}/tables/{table}";
export const exportTemplate = "sqlite-export://files/{file_name}";

/** What a uri is about. */
export type ResourceAddress =
  | { readonly kind: "memo" }
  | { readonly kind: "schema"; readonly database: string }
  | { readonly kind: "table"; readonly database: string; readonly table: string };

/** The schema resource of a database. */
export function schemaUri(database: string): string {
  return `sqlite://${encodeURIComponent(database)}/schema`;
}

/** Reads a uri that can be watched; undefined for any other. */
export function parseUri(uri: string): ResourceAddress | undefined {
  if (uri === memoUri) return { kind: "memo" };
  const match = /^sqlite:\/\/([^/]+)\/(?:schema|tables\/([^/]+))$/.exec(uri);
  const database = decoded(match?.[1]);
  if (database === undefined) return undefined;
  if (match?.[2] === undefined) return { kind: "schema", database };
  const table = decoded(match[2]);
  return table === undefined ? undefined : { kind: "table", database, table };
}

/** A name out of a uri; undefined when its encoding is broken. */
export function decoded(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
