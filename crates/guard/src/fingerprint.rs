//! Fingerprints of the common passwords: 40 bits each. Shared by the build script, which
//! writes the table, and the library, which looks up in it.
//!
//! Not a cryptographic hash, and it need not be: whoever finds a collision has found a
//! password that is refused without cause. With 125,000 entries in 2⁴⁰ places that
//! happens to one password in nine million.

/// FNV-1a over 64 bits, its halves mixed, cut to 40 bits.
pub(crate) fn fingerprint(characters: impl Iterator<Item = char>) -> u64 {
    let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
    let mut buffer = [0; 4];
    for character in characters {
        for byte in character.encode_utf8(&mut buffer).bytes() {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
    }
    // The low bits of FNV depend on little of a short text (Steele et al. 2014, the
    // finaliser of SplitMix).
    hash = (hash ^ (hash >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    hash = (hash ^ (hash >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    hash >> 24
}
