/** Joins searches that people kept, from the schema `source` of the connection. */
import type { Catalog } from '../catalog/database.ts';

/** Within a transaction. Two of one name may both be wanted. */
export function joinSearches(catalog: Catalog): void {
  catalog.exec(
    `INSERT INTO main.saved_searches (name, words) SELECT name, words FROM source.saved_searches
       WHERE (name, words) NOT IN (SELECT name, words FROM main.saved_searches) ORDER BY id`,
  );
}
