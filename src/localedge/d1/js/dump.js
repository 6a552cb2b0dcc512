// A database as SQL text, statement by statement, in the shape of D1's own exports: schema, rows, then indexes, views
// and triggers. Every value comes back exactly: NULs in texts, floating-point numbers, integers of 64 bits.
const HEADER = "PRAGMA defer_foreign_keys=TRUE;";
const VIRTUAL = "D1 Export error: cannot export databases with Virtual Tables (fts5)";

export function* dump(sql, { no_schema: noSchema, no_data: noData, tables = [] }) {
  const wanted = (name) => tables.length === 0 || tables.includes(name);
  yield HEADER;
  const found = sql.exec("SELECT name, sql FROM sqlite_master WHERE type = 'table' AND sql NOT NULL ORDER BY rowid");
  for (const table of [...found].filter(({ name }) => wanted(name) && isUsers(name))) {
    if (/^CREATE\s+VIRTUAL\s/i.test(table.sql)) throw new Error(VIRTUAL);
    if (!noSchema) yield `${table.sql.replace(/^CREATE TABLE (?=['"[`])/, "CREATE TABLE IF NOT EXISTS ")};`;
    if (!noData) yield* rows(sql, table.name);
  }
  if (!noData && tables.length === 0) yield* sequences(sql);
  if (!noSchema) yield* restOfSchema(sql, wanted);
}

function isUsers(name) {
  return !name.startsWith("_cf_") && !name.startsWith("sqlite_");
}

function* rows(sql, table) {
  const columns = [...sql.exec(`PRAGMA table_info(${quoted(table)})`)].map(({ name }) => quoted(name));
  const head = `INSERT INTO ${quoted(table)} (${columns.join(",")}) VALUES(`;
  // One text a row: more columns than SQLite's functions take arguments are no matter.
  const values = columns.map(literal).join(` || ',' || `);
  for (const [text] of sql.exec(`SELECT ${values} FROM ${quoted(table)}`).raw()) yield `${head}${text});`;
}

// quote() ends a text at its first NUL.
function literal(column) {
  const withNul = `typeof(${column}) = 'text' AND instr(CAST(${column} AS BLOB), X'00')`;
  return `CASE WHEN ${withNul} THEN 'CAST(X''' || hex(${column}) || ''' AS TEXT)' ELSE quote(${column}) END`;
}

function* sequences(sql) {
  const has = sql.exec("SELECT 1 FROM sqlite_master WHERE name = 'sqlite_sequence'").toArray().length;
  if (!has) return;
  yield "DELETE FROM sqlite_sequence;";
  yield* rows(sql, "sqlite_sequence");
}

function* restOfSchema(sql, wanted) {
  const order = "CASE type WHEN 'index' THEN 0 WHEN 'view' THEN 1 ELSE 2 END, rowid";
  const found = sql.exec(
    `SELECT name, tbl_name, sql FROM sqlite_master WHERE type <> 'table' AND sql NOT NULL ORDER BY ${order}`,
  );
  for (const { name, tbl_name, sql: text } of [...found]) {
    if (wanted(name) || wanted(tbl_name)) yield `${text};`;
  }
}

function quoted(name) {
  return `"${name.replaceAll('"', '""')}"`;
}
