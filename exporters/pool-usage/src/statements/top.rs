//! The statements that get their own series: those with the most total time.

use std::collections::{BTreeMap, BTreeSet};

use common::scrape::top_k;

use super::ledger::{Entry, Key};

/// The statements of the last choice, and their known texts.
#[derive(Debug, Default)]
pub(super) struct Top {
    chosen: top_k::TopK<Key>,
    texts: BTreeMap<i64, String>,
}

impl Top {
    /// At most `count` statements, most time first.
    pub(super) fn choose(&self, entries: &[(Key, Entry)], count: usize) -> Vec<Key> {
        let mut ranked: Vec<_> = entries.iter().filter(|(key, _)| key.query.is_some()).collect();
        ranked.sort_by(|(one, a), (other, b)| b.seconds.total_cmp(&a.seconds).then(one.cmp(other)));
        self.chosen.choose(ranked.into_iter().map(|(key, _)| *key), count)
    }

    /// Stores the choice and new texts.
    pub(super) fn commit(&mut self, chosen: &[Key], texts: Vec<(i64, String)>) {
        self.chosen.commit(chosen);
        self.texts.extend(texts);
        let shown: BTreeSet<_> = chosen.iter().filter_map(|it| it.query).collect();
        self.texts.retain(|query, _| shown.contains(query));
    }

    /// The chosen statements without a known text.
    pub(super) fn unknown(&self, chosen: &[Key]) -> Vec<i64> {
        let unknown = chosen.iter().filter_map(|it| it.query);
        let unknown: BTreeSet<_> = unknown.filter(|it| !self.texts.contains_key(it)).collect();
        unknown.into_iter().collect()
    }

    pub(super) fn texts(&self) -> impl Iterator<Item = (i64, String)> {
        self.texts.iter().map(|(query, text)| (*query, text.clone()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entries(seconds: &[f64]) -> Vec<(Key, Entry)> {
        let entry = |(index, seconds): (usize, &f64)| {
            let query = Some(i64::try_from(index).unwrap());
            let key = Key { user: 1, database: 1, query, top_level: true };
            (key, Entry { seconds: *seconds, ..Entry::default() })
        };
        seconds.iter().enumerate().map(entry).collect()
    }

    #[test]
    fn texts_are_read_once_and_dropped_with_their_statement() {
        let mut top = Top::default();
        let chosen = top.choose(&entries(&[2.0, 1.0]), 2);
        assert_eq!(top.unknown(&chosen), [0, 1]);
        top.commit(&chosen, vec![(0, "SELECT 1".into()), (1, "SELECT 2".into())]);
        assert!(top.unknown(&chosen).is_empty());
        top.commit(&chosen[..1], Vec::new());
        assert_eq!(top.texts().count(), 1);
    }
}
