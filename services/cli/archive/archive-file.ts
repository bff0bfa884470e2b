import { type Database, inTransaction, openDatabase, sql } from "../../../shared/database.ts";
import { SetupError } from "../../../shared/setup-error.ts";
import { digestOf, idsOf, type Rows, rowsById, type Slice, type Table } from "./slice.ts";

/**
 * An archive is one single file with the tables `events` and `inbox`, of the columns that the database has. What is
 * committed there is on the disk before anything leaves the database, hence EXTRA.
 */
export function openArchive(file: string, like: Database): Database {
  const archive = openDatabase(file, "DELETE");
  archive.pragma("synchronous = EXTRA");
  for (const table of ["inbox", "events"] as const) {
    archive.exec(`CREATE TABLE IF NOT EXISTS ${table} (id INTEGER PRIMARY KEY)`);
    const known = columnsOf(archive, table).map(({ name }) => name);
    for (const { name, type } of columnsOf(like, table)) {
      if (!known.includes(name)) archive.exec(`ALTER TABLE ${table} ADD COLUMN ${name} ${type}`);
    }
  }
  return archive;
}

function columnsOf(db: Database, table: Table): { name: string; type: string }[] {
  return db.pragma(`table_info(${table})`) as { name: string; type: string }[];
}

/** A message that is there already, from a run that was cut short, is known by its update; its text may be erased since. */
const ALREADY_THERE: Readonly<Record<Table, string>> = {
  events: "DO NOTHING",
  inbox: `DO UPDATE SET text = excluded.text, reply = excluded.reply
          WHERE bot_id = excluded.bot_id AND epoch = excluded.epoch AND update_id = excluded.update_id`,
};

/** Writes a slice and reads it again, or leaves the archive as it was and throws a SetupError. */
export function storeSlice(archive: Database, slice: Slice): void {
  inTransaction(archive, () => {
    insert(archive, "inbox", slice.messages);
    insert(archive, "events", slice.events);
    const stored = {
      messages: rowsById(archive, "inbox", idsOf(slice.messages)),
      events: rowsById(archive, "events", idsOf(slice.events)),
    };
    if (digestOf(stored) === digestOf(slice)) return;
    throw new SetupError([
      `${archive.name} holds other rows under the same ids, from before a backup was restored: move it away, and archive again.`,
    ]);
  });
}

function insert(archive: Database, table: Table, rows: Rows): void {
  const names = Object.keys(rows[0] ?? {});
  if (names.length === 0) return;
  const values = names.map((name) => `@${name}`).join(", ");
  const statement = sql(
    archive,
    `INSERT INTO ${table} (${names.join(", ")}) VALUES (${values}) ON CONFLICT (id) ${ALREADY_THERE[table]}`,
  );
  for (const row of rows) statement.run(row);
}
