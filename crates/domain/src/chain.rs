//! Hash chains: rows that cannot be changed without changing every later one.
//!
//! Owns: the bytes that are hashed. Must not know: which columns a table lists.
//!
//! Each value goes in as a tag, its length and its bytes, so that no two lists of values
//! give the same bytes; the label names the table, the version the list of columns.
//! **Invariant:** a released label and version never changes what it hashes.

use sha2::{Digest, Sha256};
use uuid::Uuid;

/// The hash that stands before the first row of a chain.
pub const CHAIN_START: [u8; 32] = [0; 32];

const TAG_NULL: u8 = 0;
const TAG_I64: u8 = 1;
const TAG_BYTES: u8 = 2;
const TAG_UUID: u8 = 3;
const TAG_TEXT: u8 = 4;
const TAG_BOOL: u8 = 5;
const TAG_PREVIOUS: u8 = 6;

/// Hashes one row: listed columns in order, then the previous hash.
///
/// ```
/// use domain::chain::{CHAIN_START, ChainHasher};
/// let first = ChainHasher::new(1, "stock_movement").i64(1).text("sale").finish(&CHAIN_START);
/// let second = ChainHasher::new(1, "stock_movement").i64(2).text("sale").finish(&first);
/// assert_ne!(first, second);
/// ```
#[must_use]
#[derive(Clone)]
pub struct ChainHasher {
    hash: Sha256,
}

impl ChainHasher {
    /// Starts a row of the table `label` with version `version` of its columns.
    pub fn new(version: u8, label: &str) -> Self {
        let mut hash = Sha256::new();
        hash.update([version]);
        Self { hash }.text(label)
    }

    /// Adds an integer.
    pub fn i64(self, value: i64) -> Self {
        self.value(TAG_I64, &value.to_be_bytes())
    }

    /// Adds an integer or a null.
    pub fn opt_i64(self, value: Option<i64>) -> Self {
        match value {
            Some(value) => self.i64(value),
            None => self.null(),
        }
    }

    /// Adds bytes.
    pub fn bytes(self, value: &[u8]) -> Self {
        self.value(TAG_BYTES, value)
    }

    /// Adds bytes or a null.
    pub fn opt_bytes(self, value: Option<&[u8]>) -> Self {
        match value {
            Some(value) => self.bytes(value),
            None => self.null(),
        }
    }

    /// Adds an id.
    pub fn uuid(self, value: Uuid) -> Self {
        self.value(TAG_UUID, value.as_bytes())
    }

    /// Adds an id or a null.
    pub fn opt_uuid(self, value: Option<Uuid>) -> Self {
        match value {
            Some(value) => self.uuid(value),
            None => self.null(),
        }
    }

    /// Adds a code: kinds and states, never names or free text, which may have to be erased.
    pub fn text(self, value: &str) -> Self {
        self.value(TAG_TEXT, value.as_bytes())
    }

    /// Adds a code or a null.
    pub fn opt_text(self, value: Option<&str>) -> Self {
        match value {
            Some(value) => self.text(value),
            None => self.null(),
        }
    }

    /// Adds a yes or no.
    pub fn boolean(self, value: bool) -> Self {
        self.value(TAG_BOOL, &[u8::from(value)])
    }

    /// Ends the row with the hash of the row before, [`CHAIN_START`] for the first.
    #[must_use]
    pub fn finish(self, previous: &[u8; 32]) -> [u8; 32] {
        self.value(TAG_PREVIOUS, previous).hash.finalize().into()
    }

    fn null(self) -> Self {
        self.value(TAG_NULL, &[])
    }

    fn value(mut self, tag: u8, bytes: &[u8]) -> Self {
        let length = u64::try_from(bytes.len()).expect("a length in memory fits 64 bits");
        self.hash.update([tag]);
        self.hash.update(length.to_be_bytes());
        self.hash.update(bytes);
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hex(hash: [u8; 32]) -> String {
        hash.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// The vectors were computed from the description above by another program.
    #[test]
    fn the_bytes_hashed_never_change() {
        let first = ChainHasher::new(1, "stock_movement")
            .i64(-5)
            .opt_i64(None)
            .bytes(&[0x00, 0xff])
            .uuid(Uuid::from_u128(0x0190_a0b0_c0d0_7e0f_8a1b_2c3d_4e5f_6071))
            .text("sale")
            .boolean(true)
            .finish(&CHAIN_START);
        assert_eq!(hex(first), "4674d554f2abbceea4a4d0c7fbf07f26fe8adabe0554ce94a35fefcf0e1b820f");
        let second = ChainHasher::new(1, "stock_movement").i64(7).finish(&first);
        assert_eq!(hex(second), "c823152ca4cece290e2080666e2d392aee1dc143dc870de94ee563b841a5c4a7");
    }

    #[test]
    fn no_two_rows_hash_alike() {
        let start = || ChainHasher::new(1, "table");
        let rows = [
            start(),
            start().opt_i64(None),
            start().opt_bytes(None).opt_uuid(None),
            start().i64(0),
            start().bytes(&[]),
            start().text(""),
            start().text("ab").text("c"),
            start().text("a").text("bc"),
            start().bytes(b"abc"),
            start().bytes(&[0; 8]),
            start().bytes(&[0; 16]),
            start().uuid(Uuid::nil()),
            start().boolean(false),
            start().boolean(true),
            ChainHasher::new(2, "table"),
            ChainHasher::new(1, "tables"),
        ];
        let mut hashes: Vec<_> =
            rows.iter().flat_map(|row| [row.clone().finish(&CHAIN_START), row.clone().finish(&[1; 32])]).collect();
        let all = hashes.len();
        hashes.sort_unstable();
        hashes.dedup();
        assert_eq!(hashes.len(), all);
    }
}
