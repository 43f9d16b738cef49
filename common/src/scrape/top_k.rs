//! The top k of a ranking, with hysteresis.
//!
//! A key that was chosen stays chosen until it falls below rank 2k, so that two keys near rank k
//! do not replace each other at every scrape.

use std::collections::BTreeSet;

/// The keys that were chosen last.
#[derive(Debug)]
pub struct TopK<Key>(BTreeSet<Key>);

impl<Key> Default for TopK<Key> {
    fn default() -> Self {
        Self(BTreeSet::new())
    }
}

impl<Key: Copy + Ord> TopK<Key> {
    /// How many ranks [`TopK::choose`] reads to choose `k` keys.
    pub fn candidates(k: usize) -> usize {
        2 * k
    }

    /// Chooses at most `k` keys of a ranking, whose first key ranks highest. Only
    /// [`TopK::commit`] remembers the choice, because the scrape may still fail.
    pub fn choose(&self, ranking: impl IntoIterator<Item = Key>, k: usize) -> Vec<Key> {
        let candidates = ranking.into_iter().take(Self::candidates(k));
        let (known, new): (Vec<_>, Vec<_>) = candidates.partition(|key| self.0.contains(key));
        known.into_iter().chain(new).take(k).collect()
    }

    /// Remembers the choice.
    pub fn commit(&mut self, chosen: &[Key]) {
        self.0 = chosen.iter().copied().collect();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn choose(top: &mut TopK<u32>, ranking: &[u32]) -> Vec<u32> {
        let mut chosen = top.choose(ranking.iter().copied(), 2);
        top.commit(&chosen);
        chosen.sort_unstable();
        chosen
    }

    #[test]
    fn a_chosen_key_stays_until_it_falls_below_twice_k() {
        let mut top = TopK::default();
        assert_eq!(choose(&mut top, &[0, 1, 2, 3]), [0, 1]);
        assert_eq!(choose(&mut top, &[0, 2, 1, 3]), [0, 1]);
        assert_eq!(choose(&mut top, &[0, 4, 3, 2, 1]), [0, 4], "1 is the fifth");
    }

    #[test]
    fn a_key_that_is_gone_is_replaced() {
        let mut top = TopK::default();
        assert_eq!(choose(&mut top, &[0, 1, 2]), [0, 1]);
        assert_eq!(choose(&mut top, &[2, 0]), [0, 2]);
        assert!(choose(&mut top, &[]).is_empty());
    }
}
