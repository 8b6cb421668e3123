//! Where things are: the root of the checkout and the folder cargo builds into.

use std::path::{Path, PathBuf};

/// The root of the checkout, whatever folder the command was called from.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("xtask lies in a folder of the checkout")
        .to_path_buf()
}

/// The folder cargo puts binaries into: `target`, unless the environment moved it.
pub fn cargo_target() -> PathBuf {
    match std::env::var_os("CARGO_TARGET_DIR") {
        Some(folder) => root().join(folder),
        None => root().join("target"),
    }
}

/// The folder for everything else that is made: bundles, screenshots. It stays
/// inside the checkout, because node looks for packages in the folders above.
pub fn made(name: &str) -> PathBuf {
    root().join("target").join(name)
}

/// The debug build of one of the workspace's binaries or, as `examples/NAME`, examples.
pub fn debug_binary(name: &str) -> PathBuf {
    cargo_target().join("debug").join(name)
}
