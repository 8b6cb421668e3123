//! The secret key: given by the operator, or made in the data folder while DEBUG is on.

use std::fs;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use guard::keys::{KeyProblem, generate_secret_key, key_problems};
use guard::source::Random;

use super::reader::{Mode, Reader};
use super::secret::Secret;

/// The name of the file in the data folder.
const FILE_NAME: &str = "secret_key";

/// What everything is signed with.
#[derive(Debug, Clone)]
pub struct SigningKey {
    /// `None` while DEBUG is on and none was given.
    given: Option<Secret>,
    /// Older keys that still verify.
    pub fallbacks: Vec<Secret>,
}

impl SigningKey {
    /// Reads and judges the keys.
    pub(super) fn read(reader: &mut Reader<'_>) -> Self {
        let given = reader.secret("SECRET_KEY");
        match &given {
            Some(key) => judge(reader, "SECRET_KEY", key.expose()),
            None if reader.mode == Mode::Production => {
                reader.refuse("SECRET_KEY", "is missing", "put what `inventario generate-secret-key` prints into it");
            }
            None => {}
        }
        let fallbacks: Vec<Secret> = match reader.secret("SECRET_KEY_FALLBACKS") {
            Some(list) => list.expose().split(',').map(|key| Secret::new(key.trim())).collect(),
            None => Vec::new(),
        };
        for fallback in &fallbacks {
            judge(reader, "SECRET_KEY_FALLBACKS", fallback.expose());
        }
        if given.as_ref().is_some_and(|key| fallbacks.contains(key)) {
            reader.refuse("SECRET_KEY_FALLBACKS", "has the current key too", "keep only older keys there");
        }
        Self { given, fallbacks }
    }

    /// The key: the one given, or the one of the data folder, made at the first call.
    ///
    /// # Errors
    /// A sentence with the remedy when the data folder cannot be read or written.
    pub fn load_or_make(&self, data_dir: &Path, random: &(impl Random + ?Sized)) -> Result<Secret, String> {
        if let Some(given) = &self.given {
            return Ok(given.clone());
        }
        let path = data_dir.join(FILE_NAME);
        match fs::read_to_string(&path) {
            Ok(text) => Ok(Secret::new(text.trim_end())),
            Err(error) if error.kind() == ErrorKind::NotFound => make(&path, random),
            Err(error) => Err(format!("cannot read {}: {error}; make it readable for this user", path.display())),
        }
    }
}

fn make(path: &PathBuf, random: &(impl Random + ?Sized)) -> Result<Secret, String> {
    let key = generate_secret_key(random);
    let written = create_private(path).and_then(|mut file| {
        file.write_all(key.as_bytes())?;
        file.sync_all()
    });
    match written {
        Ok(()) => Ok(Secret::new(key)),
        Err(error) => Err(format!("cannot write {}: {error}; make its folder writable for this user", path.display())),
    }
}

/// A new file that nobody else can read; its folder is made too.
fn create_private(path: &PathBuf) -> std::io::Result<fs::File> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
        options.mode(0o600);
        builder.mode(0o700);
    }
    if let Some(folder) = path.parent() {
        builder.create(folder)?;
    }
    options.open(path)
}

fn judge(reader: &mut Reader<'_>, name: &str, key: &str) {
    const REMEDY: &str = "put what `inventario generate-secret-key` prints into it";
    for problem in key_problems(key) {
        let what = match problem {
            KeyProblem::Missing => "has an empty key".to_owned(),
            KeyProblem::TooShort { length } => {
                format!("has {length} characters, and 50 are the fewest")
            }
            KeyProblem::TooFewDistinct { distinct } => {
                format!("has {distinct} different characters, and 5 are the fewest")
            }
            KeyProblem::PublishedPrefix => "begins with django-insecure-, as published keys do".to_owned(),
            KeyProblem::Repetitive => "repeats itself".to_owned(),
        };
        reader.refuse(name, &what, REMEDY);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Fixed;

    impl Random for Fixed {
        fn fill(&self, buffer: &mut [u8]) {
            for (index, byte) in buffer.iter_mut().enumerate() {
                *byte = u8::try_from(index % 251).unwrap();
            }
        }
    }

    #[test]
    fn a_key_is_made_once_and_is_private() {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("data");
        let key = SigningKey { given: None, fallbacks: Vec::new() };
        let first = key.load_or_make(&data, &Fixed).unwrap();
        assert_eq!(key_problems(first.expose()), []);
        struct Other;
        impl Random for Other {
            fn fill(&self, buffer: &mut [u8]) {
                buffer.fill(7);
            }
        }
        assert_eq!(key.load_or_make(&data, &Other).unwrap(), first);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
            assert_eq!(mode(&data.join(FILE_NAME)), 0o600);
            assert_eq!(mode(&data), 0o700);
        }
    }
}
