//! Which sessions wait for which others.

use std::collections::{BTreeMap, BTreeSet};

/// The waiters of each blocker.
#[derive(Debug, Default)]
pub(super) struct Graph {
    waiters: BTreeMap<i32, BTreeSet<i32>>,
    waiting: BTreeSet<i32>,
}

impl Graph {
    /// From pairs of a waiter and a blocker.
    pub(super) fn new(edges: impl IntoIterator<Item = (i32, i32)>) -> Self {
        let mut graph = Self::default();
        for (waiter, blocker) in edges {
            graph.waiters.entry(blocker).or_default().insert(waiter);
            graph.waiting.insert(waiter);
        }
        graph
    }

    /// The number of blockers that do not wait themselves.
    pub(super) fn roots(&self) -> usize {
        self.waiters.keys().filter(|it| !self.waiting.contains(it)).count()
    }

    /// The number of waiters of the blocker with most of them, direct or indirect.
    pub(super) fn behind_the_worst(&self) -> usize {
        self.waiters.keys().map(|it| self.behind(*it)).max().unwrap_or(0)
    }

    fn behind(&self, blocker: i32) -> usize {
        let mut found = BTreeSet::new();
        let mut to_visit = vec![blocker];
        while let Some(pid) = to_visit.pop() {
            for waiter in self.waiters.get(&pid).into_iter().flatten() {
                // In a deadlock that is not resolved yet, a blocker waits for itself.
                if *waiter != blocker && found.insert(*waiter) {
                    to_visit.push(*waiter);
                }
            }
        }
        found.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn both(edges: &[(i32, i32)]) -> (usize, usize) {
        let graph = Graph::new(edges.iter().copied());
        (graph.roots(), graph.behind_the_worst())
    }

    #[test]
    fn nobody_waits() {
        assert_eq!(both(&[]), (0, 0));
    }

    #[test]
    fn a_chain_counts_whole() {
        assert_eq!(both(&[(2, 1), (3, 2), (4, 3)]), (1, 3));
    }

    #[test]
    fn the_worst_of_several_counts() {
        assert_eq!(both(&[(2, 1), (12, 11), (13, 11), (14, 13)]), (2, 3));
    }

    #[test]
    fn a_waiter_with_two_blockers_counts_once() {
        assert_eq!(both(&[(3, 1), (3, 2), (2, 1)]), (1, 2));
    }

    #[test]
    fn a_deadlock_ends() {
        assert_eq!(both(&[(1, 2), (2, 1), (3, 1)]), (0, 2));
    }
}
