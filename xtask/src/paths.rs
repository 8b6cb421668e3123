//! Where things are: the root of the checkout and the folder cargo builds into.

use std::path::PathBuf;

/// The root of the checkout, whatever folder the command was called from.
///
/// Cargo says at run time which crate it runs. The place known at compile time is the
/// second choice: in a target folder that two checkouts share it may be the other one.
pub fn root() -> PathBuf {
    let this_crate =
        std::env::var_os("CARGO_MANIFEST_DIR").map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
    this_crate.parent().expect("xtask lies in a folder of the checkout").to_path_buf()
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

/// The release build of one of the workspace's binaries.
pub fn release_binary(name: &str) -> PathBuf {
    cargo_target().join("release").join(name)
}
