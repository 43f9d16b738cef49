//! Which of many get series of their own: the first of a ranking, with slack.
//!
//! Who is in stays in until it falls behind twice the number, so that neighbours at the edge do
//! not take turns.

use std::collections::BTreeSet;

/// Who was chosen last.
#[derive(Debug)]
pub struct Top<Key>(BTreeSet<Key>);

impl<Key> Default for Top<Key> {
    fn default() -> Self {
        Self(BTreeSet::new())
    }
}

impl<Key: Copy + Ord> Top<Key> {
    /// How many of a ranking are looked at to choose `count`.
    pub fn looks_at(count: usize) -> usize {
        2 * count
    }

    /// At most `count` of the ranked, the best first. What is chosen becomes the choice with
    /// [`Top::keep`].
    pub fn choose(&self, ranked: impl IntoIterator<Item = Key>, count: usize) -> Vec<Key> {
        let near = ranked.into_iter().take(Self::looks_at(count));
        let (inside, outside): (Vec<_>, Vec<_>) = near.partition(|key| self.0.contains(key));
        inside.into_iter().chain(outside).take(count).collect()
    }

    /// Remembers the choice.
    pub fn keep(&mut self, chosen: &[Key]) {
        self.0 = chosen.iter().copied().collect();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn choose(top: &mut Top<u32>, ranked: &[u32]) -> Vec<u32> {
        let mut chosen = top.choose(ranked.iter().copied(), 2);
        top.keep(&chosen);
        chosen.sort_unstable();
        chosen
    }

    #[test]
    fn neighbours_at_the_edge_do_not_take_turns() {
        let mut top = Top::default();
        assert_eq!(choose(&mut top, &[0, 1, 2, 3]), [0, 1]);
        assert_eq!(choose(&mut top, &[0, 2, 1, 3]), [0, 1]);
        assert_eq!(choose(&mut top, &[0, 4, 3, 2, 1]), [0, 4], "1 fell far behind");
    }

    #[test]
    fn who_is_gone_makes_place() {
        let mut top = Top::default();
        assert_eq!(choose(&mut top, &[0, 1, 2]), [0, 1]);
        assert_eq!(choose(&mut top, &[2, 0]), [0, 2]);
        assert!(choose(&mut top, &[]).is_empty());
    }
}
