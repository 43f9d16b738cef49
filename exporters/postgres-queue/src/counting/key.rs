//! The key by which a counted row is recognised when it is read again.

use super::Micros;

/// A digest of a row's id, its event and its stamp. It must be the same in every version of the
/// program, because state files hold it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Key(pub(crate) u128);

impl Key {
    /// 128-bit FNV-1a: two of a million rows share a digest with a probability of 10⁻²⁶.
    pub(crate) fn new(id: &str, event: u8, at: Micros) -> Self {
        const OFFSET: u128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d;
        const PRIME: u128 = 0x0000_0000_0100_0000_0000_0000_0000_013b;
        let tail = [event].into_iter().chain(at.to_be_bytes());
        // The tail has a fixed length, so that different rows never give the same bytes.
        let digest = id
            .bytes()
            .chain(tail)
            .fold(OFFSET, |digest, byte| (digest ^ u128::from(byte)).wrapping_mul(PRIME));
        Self(digest)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn the_digest_is_fnv_1a() {
        // The published test vector of "foobar".
        let plain = "foobar".bytes().fold(0x6c62_272e_07bb_0142_62b8_2175_6295_c58d, |it, byte| {
            (it ^ u128::from(byte)).wrapping_mul(0x0000_0000_0100_0000_0000_0000_0000_013b)
        });
        assert_eq!(plain, 0x343e_1662_793c_64bf_6f0d_3597_ba44_6f18_u128);
        assert_eq!(Key::new("42", 1, 7).0, Key::new("42", 1, 7).0);
    }

    #[test]
    fn rows_differ_by_id_event_and_stamp() {
        let ids = ["1", "11", "", "é", "\u{1}"];
        let keys = ids.iter().flat_map(|id| {
            (0..3).flat_map(move |event| [0, 1, -1].map(move |at| Key::new(id, event, at)))
        });
        let keys: Vec<_> = keys.collect();
        assert_eq!(keys.iter().collect::<HashSet<_>>().len(), keys.len());
    }
}
