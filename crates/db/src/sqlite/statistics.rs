//! What SQLite's planner is told about the data: always the same.
//!
//! Without statistics SQLite takes any column that is compared for one that leaves ten
//! rows. `shop_id = $1` leaves all rows of the shop, so that the planner preferred the
//! first column of a primary key to the two columns of an index that finds one row: a
//! look-up read every stock item, and a join compared every product with every item.
//! What `ANALYZE` finds depends on the day it runs. So we say what a large shop looks
//! like, by the names of the columns, and plans are the same in a test, in a new shop
//! and after ten years (sqlite.org/lang_analyze.html, "Manual Control Of Query Plans
//! Using SQLITE_STAT Tables").
//!
//! **Invariant:** every index that begins with the shop has its row in `sqlite_stat1`.

use rusqlite::Connection;
use std::collections::BTreeMap;

/// Rows of one shop's part of a table, and of the whole table.
const ROWS_OF_SHOP: u64 = 10_000;
const ROWS: u64 = 100 * ROWS_OF_SHOP;
/// An index with a condition of its own holds so few of them.
const PARTIAL: u64 = 100;
/// What a value of a column leaves at the least, unless the index is unique.
const LEFT_MIN: u64 = 10;

/// By how much one value of a column narrows.
fn narrows(column: &str) -> u64 {
    match column {
        "active" | "state" | "kind" | "location_id" | "is_default" | "name" => 2,
        "register_id" | "seller_id" | "category_id" | "tax_set_id" | "method_id" | "year" => 5,
        "business_date" | "month" | "hour" | "prefix" => 50,
        _ => 1_000,
    }
}

/// A row of `sqlite_stat1`: rows of the index, then what each further column leaves.
fn told(columns: &[String], unique: bool, partial: bool) -> String {
    let share = if partial { PARTIAL } else { 1 };
    let mut left = ROWS_OF_SHOP / share;
    let mut text = format!("{} {left}", ROWS / share);
    for (place, column) in columns.iter().enumerate().skip(1) {
        let whole = unique && place + 1 == columns.len();
        left = if whole { 1 } else { (left / narrows(column)).max(LEFT_MIN) };
        text += &format!(" {left}");
    }
    text
}

type Told = BTreeMap<(String, String), String>;

/// Tells the planner of a file that was made before it was told anything. What is told
/// otherwise changes with a migration only, so that a start need not look.
pub(crate) fn tell_once(conn: &Connection) -> rusqlite::Result<()> {
    let told = conn.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'sqlite_stat1'")?.exists([])?;
    if told {
        return Ok(());
    }
    let tx = conn.unchecked_transaction()?;
    tell(&tx)?;
    tx.commit()
}

/// Tells the planner, where it has not been told so already.
pub(crate) fn tell(conn: &Connection) -> rusqlite::Result<()> {
    // Makes the table, and looks at nothing else.
    conn.execute_batch("ANALYZE sqlite_schema")?;
    let wanted = wanted(conn)?;
    if known(conn)? == wanted {
        return Ok(());
    }
    conn.execute("DELETE FROM sqlite_stat1", [])?;
    let mut insert = conn.prepare("INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES (?1, ?2, ?3)")?;
    for ((table, index), stat) in &wanted {
        insert.execute([table, index, stat])?;
    }
    Ok(())
}

fn known(conn: &Connection) -> rusqlite::Result<Told> {
    let mut select = conn.prepare("SELECT tbl, idx, stat FROM sqlite_stat1 WHERE idx IS NOT NULL")?;
    select.query_map([], |row| Ok(((row.get(0)?, row.get(1)?), row.get(2)?)))?.collect()
}

fn wanted(conn: &Connection) -> rusqlite::Result<Told> {
    let mut indexes = conn.prepare(
        "SELECT sqlite_schema.name, list.name, list.\"unique\", list.origin, list.partial, tables.wr
         FROM sqlite_schema
         JOIN pragma_index_list(sqlite_schema.name) AS list
         JOIN pragma_table_list(sqlite_schema.name) AS tables ON tables.schema = 'main'
         WHERE sqlite_schema.type = 'table'",
    )?;
    let mut columns = conn.prepare("SELECT name FROM pragma_index_info(?1) ORDER BY seqno")?;
    let mut wanted = Told::new();
    let mut rows = indexes.query([])?;
    while let Some(row) = rows.next()? {
        let (table, index, unique, origin): (String, String, bool, String) =
            (row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?);
        let (partial, clustered): (bool, bool) = (row.get(4)?, row.get(5)?);
        let named: Vec<String> = columns.query_map([&index], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
        if named.first().is_none_or(|first| first != "shop_id") {
            continue;
        }
        // The key of a table that is kept in its order goes by the table's name.
        let known_as = if clustered && origin == "pk" { table.clone() } else { index };
        wanted.insert((table, known_as), told(&named, unique, partial));
    }
    Ok(wanted)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: &str = "CREATE TABLE item (shop_id BLOB NOT NULL, place BLOB NOT NULL, product_id BLOB NOT NULL,
                                            on_hand INTEGER NOT NULL, PRIMARY KEY (shop_id, place, product_id)) WITHOUT ROWID;
                         CREATE INDEX item_by_product ON item (shop_id, product_id);";

    fn plan(conn: &Connection) -> String {
        let sql = "EXPLAIN QUERY PLAN SELECT SUM(on_hand) FROM item WHERE shop_id = ?1 AND product_id = ?2";
        conn.query_row(sql, [1, 2], |row| row.get(3)).expect("a plan of one step")
    }

    #[test]
    fn a_product_is_found_by_its_index_and_not_among_all_of_the_shop() {
        let conn = Connection::open_in_memory().expect("memory");
        conn.execute_batch(TABLE).expect("a table");
        assert!(plan(&conn).contains("PRIMARY KEY (shop_id=?)"), "SQLite plans better now: {}", plan(&conn));
        tell(&conn).expect("it is told");
        conn.execute_batch("ANALYZE sqlite_schema").expect("what was told is read again");
        assert!(plan(&conn).contains("item_by_product (shop_id=? AND product_id=?)"), "{}", plan(&conn));
    }

    #[test]
    fn what_is_told_follows_the_names_of_the_columns() {
        let columns = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        assert_eq!(told(&columns(&["shop_id", "id"]), true, false), "1000000 10000 1");
        assert_eq!(told(&columns(&["shop_id", "active", "sort_key", "id"]), false, false), "1000000 10000 5000 10 10");
        assert_eq!(told(&columns(&["shop_id", "received_at", "id"]), false, true), "10000 100 10 10");
    }
}
