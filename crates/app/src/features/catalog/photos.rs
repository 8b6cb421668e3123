//! Photos of products: what they are called, and how they are taken in and found.
//!
//! A photo is two JPEGs under one name, which is a hash of both: what stands under an
//! address never changes, and the same photo sent twice is kept once. It is decoded
//! off the async threads, few at a time (`crates/pictures` says what is taken).
//!
//! **Invariant:** both files are on disk before a row names them. What no row names is
//! cleared away by [`super::sweep_photos`], a day later at the earliest, which is
//! longer than a form takes from here to its commit.

use bytes::Bytes;
use domain::ids::ShopId;
use outside::files::{FileKey, Files, FilesError};
use pictures::{Prepared, Refused};
use sha2::{Digest, Sha256};
use std::{fmt::Write, sync::Arc};
use tokio::sync::Semaphore;

/// The address below which photos are shown.
pub const MEDIA: &str = "/media/";
/// How many are decoded at once: each may take some hundred megabytes for a second.
const RUNNING_MAX: usize = 2;
/// How many may be sent at once; each waits with a file of some megabytes.
const WAITING_MAX: usize = 16;
/// Characters of a name: 128 bits in hexadecimal.
const NAME_CHARS: usize = 32;

/// A photo's name: the beginning of the SHA-256 of its two files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PhotoName(String);

impl PhotoName {
    /// The name in a text; `None` where it cannot be one.
    pub fn parse(text: &str) -> Option<PhotoName> {
        let is_hex = text.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte));
        (text.len() == NAME_CHARS && is_hex).then(|| PhotoName(text.to_owned()))
    }

    fn of(prepared: &Prepared) -> PhotoName {
        let mut hasher = Sha256::new();
        // Its length keeps the end of one file from being the beginning of the other.
        hasher.update(u64::try_from(prepared.small.len()).unwrap_or(u64::MAX).to_be_bytes());
        hasher.update(&prepared.small);
        hasher.update(&prepared.large);
        let mut name = String::with_capacity(2 * 32);
        for byte in hasher.finalize() {
            write!(name, "{byte:02x}").expect("a String takes all that is written to it");
        }
        name.truncate(NAME_CHARS);
        PhotoName(name)
    }

    /// The name, as a row keeps it.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The address of the picture for lists and tills.
    pub fn small_url(&self) -> String {
        format!("{MEDIA}{}", self.file(Size::Small))
    }

    /// The address of the picture that is looked at.
    pub fn large_url(&self) -> String {
        format!("{MEDIA}{}", self.file(Size::Large))
    }

    fn file(&self, size: Size) -> String {
        format!("{}-{}.jpg", self.0, size.letter())
    }

    fn key(&self, shop: ShopId, size: Size) -> FileKey {
        FileKey::new(shop.0, &self.file(size)).expect("hexadecimal digits make a plain name")
    }
}

/// The two sizes of a photo.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Size {
    Small,
    Large,
}

impl Size {
    const ALL: [Size; 2] = [Size::Small, Size::Large];

    fn letter(self) -> char {
        match self {
            Size::Small => 's',
            Size::Large => 'l',
        }
    }
}

/// The photo that a file belongs to, by the file's name.
pub fn photo_of_file(file: &str) -> Option<PhotoName> {
    let name = Size::ALL.into_iter().find_map(|size| file.strip_suffix(&format!("-{}.jpg", size.letter())))?;
    PhotoName::parse(name)
}

/// Why a photo was not taken in.
#[derive(Debug)]
pub enum TakeError {
    /// It is no picture that we take.
    Refused(Refused),
    /// Too many people send photos.
    Busy,
    /// It could not be kept.
    Files(FilesError),
}

/// Where photos are taken in and kept; cheap to clone.
#[derive(Clone, Debug)]
pub struct Photos {
    files: Files,
    running: Arc<Semaphore>,
    waiting: Arc<Semaphore>,
}

impl Photos {
    /// Keeps photos there.
    pub fn new(files: Files) -> Photos {
        let permits = |many| Arc::new(Semaphore::new(many));
        Photos { files, running: permits(RUNNING_MAX), waiting: permits(WAITING_MAX) }
    }

    /// Takes a photo in: decoded, made small, on disk.
    ///
    /// # Errors
    /// The reasons of [`TakeError`].
    pub async fn take(&self, shop: ShopId, sent: Bytes, now_us: i64) -> Result<PhotoName, TakeError> {
        let prepared = self.prepare(sent).await?;
        let name = PhotoName::of(&prepared);
        let Prepared { small, large } = prepared;
        for (size, content) in [(Size::Small, small), (Size::Large, large)] {
            self.files.put(&name.key(shop, size), content, now_us).await.map_err(TakeError::Files)?;
        }
        Ok(name)
    }

    async fn prepare(&self, sent: Bytes) -> Result<Prepared, TakeError> {
        let _place = self.waiting.try_acquire().map_err(|_| TakeError::Busy)?;
        let permit = Arc::clone(&self.running).acquire_owned().await.map_err(|_| TakeError::Busy)?;
        // The permit goes with the work, which ends although its caller may have hung up.
        let work = tokio::task::spawn_blocking(move || {
            let _permit = permit;
            pictures::prepare(&sent)
        });
        match work.await {
            Ok(prepared) => prepared.map_err(TakeError::Refused),
            // A decoder that panics says so of the file, not of us.
            Err(error) => {
                tracing::warn!(%error, "a picture could not be decoded");
                Err(TakeError::Refused(Refused::Broken))
            }
        }
    }

    /// Holds a photo that was taken in before for another day, so that a row may name
    /// it; `false` where it has gone.
    ///
    /// # Errors
    /// A place that cannot be read or written.
    pub async fn hold(&self, shop: ShopId, name: &PhotoName, now_us: i64) -> Result<bool, FilesError> {
        for size in Size::ALL {
            let key = name.key(shop, size);
            let Some(content) = self.files.get(&key).await? else { return Ok(false) };
            self.files.put(&key, content, now_us).await?;
        }
        Ok(true)
    }

    /// The JPEG of an address below [`MEDIA`]; `None` where the shop has none such.
    ///
    /// # Errors
    /// A place that cannot be read.
    pub async fn load(&self, shop: ShopId, file: &str) -> Result<Option<Vec<u8>>, FilesError> {
        let Some(key) = photo_of_file(file).and_then(|_| FileKey::new(shop.0, file)) else { return Ok(None) };
        self.files.get(&key).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAME: &str = "0123456789abcdef0123456789abcdef";

    #[test]
    fn a_name_is_hexadecimal_and_of_one_length() {
        for text in ["", "0123", "0123456789ABCDEF0123456789abcdef", "../3456789abcdef0123456789abcdef0", &NAME[1..]] {
            assert_eq!(PhotoName::parse(text), None, "{text}");
        }
        assert!(PhotoName::parse(NAME).is_some());
    }

    #[test]
    fn a_file_is_known_by_its_photos_name_and_its_size() {
        let name = PhotoName::parse(NAME).expect("it is one");
        for url in [name.small_url(), name.large_url()] {
            let file = url.strip_prefix(MEDIA).expect("it is below the address");
            assert_eq!(photo_of_file(file).as_ref(), Some(&name));
        }
        for file in [NAME.to_owned(), format!("{NAME}-x.jpg"), format!("{NAME}-s.svg"), format!("a{NAME}-s.jpg")] {
            assert_eq!(photo_of_file(&file), None, "{file}");
        }
    }

    #[test]
    fn another_picture_has_another_name() {
        let name = |small: &[u8], large: &[u8]| PhotoName::of(&Prepared { small: small.into(), large: large.into() });
        assert_eq!(name(b"a", b"bc"), name(b"a", b"bc"));
        assert_ne!(name(b"a", b"bc"), name(b"ab", b"c"));
    }
}
