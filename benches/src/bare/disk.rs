//! What one durable write costs on this disk.

use std::{fs::OpenOptions, io::Write, path::Path, time::Instant};

/// How long a page of 4 KiB takes to its place, in ns: the middle one of many.
///
/// # Errors
/// A sentence when the folder takes no file.
pub fn flush_ns(folder: &Path) -> Result<i64, String> {
    let path = folder.join("flush");
    let failed = |error: std::io::Error| format!("{}: {error}", path.display());
    let mut file = OpenOptions::new().create(true).append(true).open(&path).map_err(failed)?;
    let mut times = Vec::new();
    for _ in 0..200 {
        let begun = Instant::now();
        file.write_all(&[7; 4_096]).map_err(failed)?;
        file.sync_data().map_err(failed)?;
        times.push(begun.elapsed());
    }
    drop(file);
    // It is a probe: left behind it would only be untidy.
    let _ = std::fs::remove_file(&path);
    times.sort_unstable();
    Ok(i64::try_from(times[times.len() / 2].as_nanos()).unwrap_or(i64::MAX))
}
