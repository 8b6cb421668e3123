//! Both places, told the same story.

use std::path::Path;

use uuid::Uuid;

use super::{FileKey, Files};

const ANA: Uuid = Uuid::from_u128(1);
const LUIS: Uuid = Uuid::from_u128(2);

fn key(owner: Uuid, name: &str) -> FileKey {
    FileKey::new(owner, name).expect("the tests' names are plain")
}

fn names(files: &[super::KeptFile]) -> Vec<(&str, i64)> {
    files.iter().map(|file| (file.key.name(), file.put_at_us)).collect()
}

fn places(folder: &Path) -> [Files; 2] {
    [Files::memory(), Files::folder(folder.join("media"))]
}

#[test]
fn a_name_leads_nowhere_but_into_its_owners_folder() {
    let long = "a".repeat(101);
    for name in ["", ".", "..", ".a", "-a", "a/b", "../a", "a\\b", "A.jpg", "a b", "ñ.jpg", "a\0", &long] {
        assert_eq!(FileKey::new(ANA, name), None, "{name:?}");
    }
    assert!(FileKey::new(ANA, "0f3a-s.jpg").is_some());
}

#[tokio::test]
async fn what_was_put_is_read_by_its_owner_alone() {
    let folder = tempfile::tempdir().unwrap();
    for files in places(folder.path()) {
        assert_eq!(files.get(&key(ANA, "a.jpg")).await.unwrap(), None);
        files.put(&key(ANA, "a.jpg"), b"first".to_vec(), 1_000_000).await.unwrap();
        files.put(&key(ANA, "a.jpg"), b"second".to_vec(), 2_000_000).await.unwrap();
        assert_eq!(files.get(&key(ANA, "a.jpg")).await.unwrap().as_deref(), Some(&b"second"[..]));
        assert_eq!(files.get(&key(LUIS, "a.jpg")).await.unwrap(), None, "{}", files.description());
    }
}

#[tokio::test]
async fn files_are_listed_by_owner_with_the_moment_they_were_put() {
    let folder = tempfile::tempdir().unwrap();
    for files in places(folder.path()) {
        assert!(files.owners().await.unwrap().is_empty());
        assert!(files.list(ANA).await.unwrap().is_empty());
        for (owner, name, at) in [(LUIS, "c.jpg", 3_000_000), (ANA, "b.jpg", 2_000_000), (ANA, "a.jpg", 5_000_001)] {
            files.put(&key(owner, name), vec![1], at).await.unwrap();
        }
        assert_eq!(files.owners().await.unwrap(), [ANA, LUIS]);
        assert_eq!(names(&files.list(ANA).await.unwrap()), [("a.jpg", 5_000_001), ("b.jpg", 2_000_000)]);
    }
}

#[tokio::test]
async fn only_what_is_older_is_removed() {
    let folder = tempfile::tempdir().unwrap();
    for files in places(folder.path()) {
        let file = key(ANA, "a.jpg");
        files.put(&file, vec![1], 5_000_000).await.unwrap();
        assert!(!files.remove_older(&file, 5_000_000).await.unwrap());
        assert!(files.remove_older(&file, 5_000_001).await.unwrap());
        assert!(!files.remove_older(&file, 5_000_001).await.unwrap(), "it has gone");
        assert_eq!(files.get(&file).await.unwrap(), None);
    }
}

#[cfg(unix)]
#[tokio::test]
async fn nobody_else_on_the_machine_reads_the_folder() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let files = Files::folder(folder.path().join("media"));
    files.put(&key(ANA, "a.jpg"), vec![1], 0).await.unwrap();
    let mode = |path: &str| folder.path().join(path).metadata().unwrap().permissions().mode() & 0o777;
    let own = format!("media/{ANA}");
    assert_eq!((mode("media"), mode(&own), mode(&format!("{own}/a.jpg"))), (0o700, 0o700, 0o600));
}

#[tokio::test]
async fn what_is_no_file_of_ours_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let files = Files::folder(folder.path());
    files.put(&key(ANA, "a.jpg"), vec![1], 1).await.unwrap();
    std::fs::write(folder.path().join("LEEME.txt"), "hola").unwrap();
    std::fs::write(folder.path().join(ANA.to_string()).join(".b.jpg.part"), "ha").unwrap();
    assert_eq!(files.owners().await.unwrap(), [ANA]);
    assert_eq!(names(&files.list(ANA).await.unwrap()), [("a.jpg", 1)]);
}

#[tokio::test]
async fn a_place_that_cannot_be_written_says_so_in_a_sentence() {
    let folder = tempfile::tempdir().unwrap();
    let in_the_way = folder.path().join("media");
    std::fs::write(&in_the_way, "a file where a folder is wanted").unwrap();
    let files = Files::folder(&in_the_way);
    let refused = files.put(&key(ANA, "a.jpg"), vec![1], 1).await.unwrap_err();
    assert!(refused.reason.contains("could not be written") && refused.reason.contains("media"), "{refused}");
}
