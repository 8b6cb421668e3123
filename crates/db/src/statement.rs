//! Statements: named SQL literals, the only SQL that is ever run.
//!
//! Owns the registry macro and the one rewriting between engines. Must not know
//! connections. A statement cannot be put together at run time, so no value of
//! a request can become SQL.

use std::borrow::Cow;
use std::sync::OnceLock;

use crate::ranks::{self, LockedTable};

/// Whether a statement's `$1` is the shop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StatementScope {
    /// `$1` is the shop, bound by the layer.
    Shop,
    /// A global table: parameters start at `$1`.
    System,
}

/// One SQL text for both engines. Made only by [`statements!`](crate::statements).
#[derive(Debug)]
pub struct Statement {
    name: &'static str,
    text: &'static str,
    scope: StatementScope,
    scan: bool,
    sqlite: OnceLock<String>,
    postgres: OnceLock<Cow<'static, str>>,
    locks: OnceLock<Vec<LockedTable>>,
}

impl Statement {
    /// For [`statements!`](crate::statements) alone, which accepts literals only.
    #[doc(hidden)]
    pub const fn __from_literals(name: &'static str, text: &'static str, scope: StatementScope, scan: bool) -> Self {
        Self { name, text, scope, scan, sqlite: OnceLock::new(), postgres: OnceLock::new(), locks: OnceLock::new() }
    }

    /// The name in logs and errors: `feature.what_it_does`.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// The text as written, with its dialect words.
    pub fn text(&self) -> &'static str {
        self.text
    }

    /// Whether the layer binds the shop.
    pub fn scope(&self) -> StatementScope {
        self.scope
    }

    /// Whether reading a whole shop table is intended (declared with `scan`).
    pub fn may_scan(&self) -> bool {
        self.scan
    }

    /// SQLite reads `$4` as a *name* and numbers names by first appearance;
    /// `?4` is the fourth parameter on every engine's count.
    pub(crate) fn for_sqlite(&self) -> &str {
        self.sqlite.get_or_init(|| number_parameters(&self.text.replace("{lock}", "")))
    }

    pub(crate) fn for_postgres(&self) -> &str {
        self.postgres.get_or_init(|| {
            if self.text.contains("{lock}") {
                Cow::Owned(self.text.replace("{lock}", "FOR NO KEY UPDATE"))
            } else {
                Cow::Borrowed(self.text)
            }
        })
    }

    /// Tables whose rows the statement locks, in the order it names them.
    pub(crate) fn locks(&self) -> &[LockedTable] {
        self.locks.get_or_init(|| ranks::locked_tables(self.text))
    }
}

/// Replaces `$n` by `?n` outside of quotes and comments.
fn number_parameters(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let skipped = match first {
            '\'' => quoted(rest, '\''),
            '"' => quoted(rest, '"'),
            '-' if rest.starts_with("--") => rest.find('\n').unwrap_or(rest.len()),
            '/' if rest.starts_with("/*") => rest.find("*/").map_or(rest.len(), |end| end + 2),
            _ => 0,
        };
        if skipped > 0 {
            out.push_str(&rest[..skipped]);
            rest = &rest[skipped..];
            continue;
        }
        let number_follows = rest[first.len_utf8()..].starts_with(|c: char| c.is_ascii_digit());
        out.push(if first == '$' && number_follows { '?' } else { first });
        rest = &rest[first.len_utf8()..];
    }
    out
}

/// Length of the quoted piece at the start of `text`, both quotes included. A
/// doubled quote ends one piece and starts the next, which comes to the same.
fn quoted(text: &str, quote: char) -> usize {
    text[1..].find(quote).map_or(text.len(), |end| end + 2)
}

/// Declares statements and the list `STATEMENTS` of all of them, once per module.
///
/// ```
/// db::statements! {
///     /// The newest price wins; history stays.
///     pub(crate) LOAD_PRICE = "pricing.load_price",
///         "SELECT price_minor FROM price WHERE shop_id = $1 AND product_id = $2 {lock}";
///     /// Sign-in does not know the shop yet.
///     pub(crate) system FIND_ACCOUNT = "accounts.find", "SELECT id FROM account WHERE email = $1";
///     /// The export reads everything on purpose.
///     pub(crate) scan EXPORT = "exports.products", "SELECT id FROM product WHERE shop_id = $1";
/// }
/// assert_eq!(STATEMENTS.len(), 3);
/// # let _ = (&LOAD_PRICE, &FIND_ACCOUNT, &EXPORT);
/// ```
///
/// Words before the name: `system` (no shop; parameters start at `$1`) and
/// `scan` (SQLite's plan may read a whole shop table).
#[macro_export]
macro_rules! statements {
    (@one $meta:tt [$vis:vis] $name:literal $text:literal $scope:ident $scan:literal system $($rest:ident)+) => {
        $crate::statements!(@one $meta [$vis] $name $text System $scan $($rest)+);
    };
    (@one $meta:tt [$vis:vis] $name:literal $text:literal $scope:ident $scan:literal scan $($rest:ident)+) => {
        $crate::statements!(@one $meta [$vis] $name $text $scope true $($rest)+);
    };
    (@one [$($meta:meta)*] [$vis:vis] $name:literal $text:literal $scope:ident $scan:literal $id:ident) => {
        $(#[$meta])*
        $vis static $id: $crate::Statement =
            $crate::Statement::__from_literals($name, $text, $crate::StatementScope::$scope, $scan);
    };
    (@last system $($rest:ident)+) => { $crate::statements!(@last $($rest)+) };
    (@last scan $($rest:ident)+) => { $crate::statements!(@last $($rest)+) };
    (@last $id:ident) => { &$id };
    ($($(#[$meta:meta])* $vis:vis $($word:ident)+ = $name:literal, $text:literal;)+) => {
        $($crate::statements!(@one [$($meta)*] [$vis] $name $text Shop false $($word)+);)+

        /// Every statement of this module, for the statement test.
        #[allow(dead_code, reason = "only the statement test reads the list")]
        pub(crate) static STATEMENTS: &[&$crate::Statement] =
            &[$($crate::statements!(@last $($word)+)),+];
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_numbered_outside_quotes_and_comments_only() {
        let cases = [
            ("SELECT $4, $2", "SELECT ?4, ?2"),
            ("SELECT '$1', $1", "SELECT '$1', ?1"),
            ("SELECT 'it''s $1', $10", "SELECT 'it''s $1', ?10"),
            ("SELECT \"$1\" -- $1\n, $2", "SELECT \"$1\" -- $1\n, ?2"),
            ("/* $1 */ SELECT $1", "/* $1 */ SELECT ?1"),
            ("SELECT 'señal $2', $3", "SELECT 'señal $2', ?3"),
            ("SELECT '$", "SELECT '$"),
        ];
        for (written, wanted) in cases {
            assert_eq!(number_parameters(written), wanted, "{written}");
        }
    }
}
