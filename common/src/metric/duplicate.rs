//! Names that two definitions claim.

use std::{collections::BTreeMap, fmt, ptr};

use super::{Definition, Kind};

/// Two definitions that give samples of one name.
#[derive(Clone, Copy, Debug)]
pub struct Duplicate {
    /// One of the definitions.
    pub first: &'static Definition,
    /// The other definition.
    pub second: &'static Definition,
}

impl fmt::Display for Duplicate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { first, second } = self;
        write!(
            f,
            "`{}` ({}) and `{}` ({}) are defined apart and share a sample's name",
            first.name, first.help, second.name, second.help
        )
    }
}

/// Finds the definitions whose samples' names collide, a histogram's `_bucket`, `_sum` and `_count`
/// included. A `static` that is in several catalogs is no duplicate.
pub fn duplicates(definitions: &[&'static Definition]) -> Vec<Duplicate> {
    let mut found = Vec::new();
    let mut owners: BTreeMap<String, &'static Definition> = BTreeMap::new();
    for &second in definitions {
        let clash = second.sample_names().into_iter().find_map(|name| {
            let first = *owners.entry(name).or_insert(second);
            (!ptr::eq(first, second)).then_some(first)
        });
        found.extend(clash.map(|first| Duplicate { first, second }));
    }
    found
}

impl Definition {
    /// Every name that belongs to the family: its samples', and a histogram's own.
    fn sample_names(&self) -> Vec<String> {
        let mut names = vec![self.name.to_owned()];
        if self.kind == Kind::Histogram {
            names.extend(["_bucket", "_sum", "_count"].map(|it| format!("{}{it}", self.name)));
        }
        names
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metric::{Gauge, Histogram, Unit};

    #[test]
    fn two_definitions_of_one_name_are_found() {
        crate::catalog! {
            /// Jobs that wait
            static JOBS: Gauge = "jobs";
            /// All jobs
            static JOBS_AGAIN: Gauge = "jobs";
        }
        let of = |it: &'static Gauge| it.definition();

        let found = duplicates(&[of(&JOBS), of(&JOBS), of(&JOBS_AGAIN)]);
        let texts: Vec<_> = found.iter().map(ToString::to_string).collect();
        assert_eq!(
            texts,
            [
                "`jobs` (Jobs that wait) and `jobs` (All jobs) are defined apart and share a sample's name"
            ]
        );
    }

    #[test]
    fn a_histogram_s_own_samples_are_taken_names() {
        crate::catalog! {
            /// How long a run took
            static RUN: Histogram = with_buckets("run_seconds", &[1.0]);
            /// Runs
            static COUNT: Gauge = de_facto("run_seconds_count", Unit::None);
            /// Runs
            static OTHER: Gauge = "runs";
        }

        let (run, count, other) = (RUN.definition(), COUNT.definition(), OTHER.definition());
        assert_eq!(duplicates(&[run, count, other]).len(), 1);
        assert_eq!(duplicates(&[count, other, run]).len(), 1);
        assert!(duplicates(&[run, other]).is_empty());
    }
}
