/** Opens the catalog whose path is its argument, and says how many photos are in it. */
import { openCatalog } from '../../../../main/library/catalog/database.ts';

const catalog = openCatalog(process.argv[2]!);
console.log(catalog.column('SELECT count(*) FROM photos')[0]);
catalog.close();
