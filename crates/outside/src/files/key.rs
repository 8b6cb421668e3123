//! What a file is called.

use uuid::Uuid;

/// Longest name of a file.
const NAME_CHARS_MAX: usize = 100;

/// A file's name: whose it is, and a word.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileKey {
    owner: Uuid,
    name: String,
}

impl FileKey {
    /// A name of lower-case letters, digits, `-` and `.` that begins with one of the
    /// first two; `None` for any other, which would be a folder, a hidden file or
    /// somebody else's.
    pub fn new(owner: Uuid, name: &str) -> Option<Self> {
        let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
        let begins_well = name.bytes().next().is_some_and(plain);
        let is_word = name.bytes().all(|byte| plain(byte) || matches!(byte, b'-' | b'.'));
        (begins_well && is_word && name.len() <= NAME_CHARS_MAX).then(|| Self { owner, name: name.to_owned() })
    }

    /// Whose it is.
    pub fn owner(&self) -> Uuid {
        self.owner
    }

    /// The word.
    pub fn name(&self) -> &str {
        &self.name
    }
}
