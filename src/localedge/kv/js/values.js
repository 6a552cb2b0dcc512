// Where the values of a namespace are: small ones that came in bulk in its database, all others in files, as the
// simulator has them. To make a file takes longer than all else that is done for a small value.
const TABLE = "CREATE TABLE IF NOT EXISTS localedge_values (id TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID";
const IN_DATABASE = "row-";

export const SMALL_BYTES = 16 * 1024;

export class Values {
  // `files` is the simulator's own store, `sql` the database.
  constructor(files, sql) {
    this.files = files;
    this.sql = sql;
    sql.exec(TABLE);
  }

  async get(id, ...options) {
    if (!id.startsWith(IN_DATABASE)) return this.files.get(id, ...options);
    const [row] = this.sql.exec("SELECT value FROM localedge_values WHERE id = ?", id);
    return row === undefined ? null : new Blob([row.value]).stream();
  }

  put(stream) {
    return this.files.put(stream);
  }

  putSmall(value) {
    const id = IN_DATABASE + crypto.randomUUID();
    this.sql.exec("INSERT INTO localedge_values VALUES (?, ?)", id, value);
    return id;
  }

  async delete(id) {
    if (!id.startsWith(IN_DATABASE)) return this.files.delete(id);
    this.deleteSmall([id]);
  }

  deleteSmall(ids) {
    this.sql.exec("DELETE FROM localedge_values WHERE id IN (SELECT value FROM json_each(?))", JSON.stringify(ids));
  }

  // Those of the ids that files have.
  inFiles(ids) {
    return ids.filter((id) => !id.startsWith(IN_DATABASE));
  }
}
