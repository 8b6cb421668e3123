//! The lock order of the program, checked as transactions run.
//!
//! Owns the reading of a statement's locks and the order check. Must not know
//! engines: SQLite has one writer and would hide every mistake, so the check
//! runs on both and a test on SQLite finds what would deadlock on PostgreSQL.

use std::collections::BTreeSet;

/// A table and its place in the program's lock order; smaller is locked first.
pub type TableRank = (&'static str, u8);

/// Name of a table whose rows a statement locks.
pub(crate) type LockedTable = String;

/// What a transaction has locked so far.
#[derive(Debug, Default)]
pub(crate) struct LockOrder {
    ranks: &'static [TableRank],
    highest: Option<(u8, String)>,
    locked: BTreeSet<String>,
}

impl LockOrder {
    pub(crate) fn new(ranks: &'static [TableRank]) -> Self {
        Self { ranks, highest: None, locked: BTreeSet::new() }
    }

    /// Notes the tables, or says which one comes too late. A table that the
    /// transaction has locked before is fine at any time: `load` locks what
    /// `record` changes later.
    pub(crate) fn note(&mut self, statement: &str, tables: &[LockedTable]) -> Result<(), String> {
        for table in tables {
            let Some((_, rank)) = self.ranks.iter().find(|(name, _)| name == table) else {
                continue;
            };
            if self.locked.contains(table) {
                continue;
            }
            if let Some((highest, by)) = &self.highest
                && rank < highest
            {
                return Err(format!("lock order: {statement} locks {table} (rank {rank}) after {by} (rank {highest})"));
            }
            self.highest = Some((*rank, table.clone()));
            self.locked.insert(table.clone());
        }
        Ok(())
    }
}

/// Tables whose existing rows the statement may lock or wait for: the targets of
/// `UPDATE` and `DELETE`, of `INSERT … ON CONFLICT`, and everything a `SELECT`
/// with the `{lock}` word reads.
pub(crate) fn locked_tables(text: &str) -> Vec<LockedTable> {
    let words = words(text);
    let locks_reads = text.contains("{lock}");
    let on_conflict = words.windows(2).any(|pair| pair[0] == "on" && pair[1] == "conflict");
    let mut tables = Vec::new();
    for (index, word) in words.iter().enumerate() {
        let next = |offset: usize| words.get(index + offset).map(String::as_str);
        let before = index.checked_sub(1).map(|i| words[i].as_str());
        let table = match word.as_str() {
            // `DO UPDATE SET` and `FOR UPDATE` name no table.
            "update" if next(1) != Some("set") && before != Some("for") => next(1),
            "delete" if next(1) == Some("from") => next(2),
            "insert" if next(1) == Some("into") && on_conflict => next(2),
            "from" if locks_reads && before != Some("delete") && before != Some("distinct") => next(1),
            "join" if locks_reads => next(1),
            _ => None,
        };
        if let Some(table) = table
            && table.starts_with(|c: char| c.is_ascii_alphabetic())
            && !tables.iter().any(|known| known == table)
        {
            tables.push(table.to_owned());
        }
    }
    tables
}

/// The text as lower-case words and single signs, without comments and with
/// quoted text as one empty word.
pub(crate) fn words(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        if c.is_alphanumeric() || c == '_' || c == '$' {
            let mut word = String::from(c.to_ascii_lowercase());
            while let Some(next) = chars.next_if(|n| n.is_alphanumeric() || *n == '_' || *n == '.') {
                word.push(next.to_ascii_lowercase());
            }
            words.push(word);
        } else if c == '\'' {
            while chars.next_if(|n| *n != '\'').is_some() {}
            chars.next();
            words.push(String::from("''"));
        } else if c == '-' && chars.peek() == Some(&'-') {
            while chars.next_if(|n| *n != '\n').is_some() {}
        } else if !c.is_whitespace() {
            words.push(String::from(c));
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_statement_names_the_tables_it_locks() {
        let cases: [(&str, &[&str]); 9] = [
            ("SELECT a FROM stock WHERE shop_id = $1", &[]),
            ("SELECT a FROM stock WHERE shop_id = $1 {lock}", &["stock"]),
            ("SELECT s.a FROM stock s JOIN product p ON p.id = s.id {lock}", &["stock", "product"]),
            ("UPDATE stock SET a = b.a FROM batch b WHERE stock.id = b.id", &["stock"]),
            ("INSERT INTO sale (id) VALUES ($1)", &[]),
            ("INSERT INTO command (id) VALUES ($1) ON CONFLICT DO NOTHING", &["command"]),
            ("INSERT INTO roll (id) VALUES ($1) ON CONFLICT (id) DO UPDATE SET n = 1", &["roll"]),
            ("DELETE FROM draft WHERE id = $1 -- UPDATE nothing", &["draft"]),
            ("SELECT 'UPDATE stock' FROM note WHERE a IS DISTINCT FROM $2", &[]),
        ];
        for (text, wanted) in cases {
            assert_eq!(locked_tables(text), wanted, "{text}");
        }
    }

    #[test]
    fn going_backwards_is_noticed_and_returning_to_a_locked_table_is_not() {
        let mut order = LockOrder::new(&[("command", 0), ("stock", 4), ("roll", 5)]);
        let step = |order: &mut LockOrder, table: &str| order.note("s", &[table.to_owned()]);
        assert!(step(&mut order, "stock").is_ok());
        assert!(step(&mut order, "roll").is_ok());
        assert!(step(&mut order, "stock").is_ok());
        assert!(step(&mut order, "unranked").is_ok());
        let refusal = step(&mut order, "command").expect_err("command comes first");
        assert!(refusal.contains("command (rank 0) after roll (rank 5)"), "{refusal}");
    }
}
