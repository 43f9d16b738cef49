//! The macro that defines metrics.

/// Defines metrics as statics and, beside them, `ALL`: the definitions of every one of them.
///
/// A definition says each fact once: the doc comment is the help text (several lines are joined),
/// the type gives the kind and the labels, and the name ends in the unit. A histogram also has
/// buckets: upper bounds, ascending, without `+Inf`.
///
/// `de_facto` marks a name that breaks a convention and is kept because a widely used exporter
/// gives it; its unit does not follow from the name. OpenMetrics has no counter without `_total`,
/// so such a counter is written there as of unknown type.
///
/// ```
/// use common::metric::{Counter, Gauge, Histogram, Unit};
///
/// common::labels! {
///     pub struct QueueLabels {
///         queue: String,
///     }
/// }
///
/// common::catalog! {
///     /// Jobs that wait in the queue
///     pub static JOBS: Gauge<QueueLabels> = "queue_jobs";
///     /// How long finished jobs had run, from start to end
///     pub static RUN: Histogram<QueueLabels> =
///         with_buckets("queue_job_run_seconds", &[0.1, 1.0, 10.0]);
///     /// Blocks that were found in the server's cache
///     pub static BLKS_HIT: Counter = de_facto("pg_stat_database_blks_hit", Unit::None);
/// }
///
/// assert_eq!(RUN.unit(), Unit::Seconds);
/// assert_eq!(ALL[0].help, "Jobs that wait in the queue");
/// ```
#[macro_export]
macro_rules! catalog {
    ($(
        $(#[doc = $doc:literal])*
        $vis:vis static $NAME:ident: $Type:ty = $value:tt $(($($argument:tt)*))?;
    )+) => {
        $(
            $(#[doc = $doc])*
            #[allow(clippy::doc_markdown, reason = "it is also the help text, which is plain text")]
            $vis static $NAME: $Type = $crate::__metric!(
                $crate::metric::catalog::help(&[$($doc),*], concat!($($doc),*)),
                $value $($($argument)*)?
            );
        )+

        /// Every metric that this module defines.
        #[allow(dead_code, unreachable_pub, reason = "a test does not list its metrics")]
        pub static ALL: &[&$crate::metric::Definition] = &[$($NAME.definition()),+];
    };
}

/// The right side of one definition.
#[doc(hidden)]
#[macro_export]
macro_rules! __metric {
    ($help:expr, $name:literal) => {
        $crate::metric::Metric::new($name, $help, &[])
    };
    ($help:expr, with_buckets $name:literal, $buckets:expr) => {
        $crate::metric::Metric::new($name, $help, $buckets)
    };
    ($help:expr, de_facto $name:literal, $unit:expr) => {
        $crate::metric::Metric::de_facto($name, $unit, $help)
    };
    ($($other:tt)*) => {
        compile_error!("a metric is a name, `with_buckets(name, bounds)` or `de_facto(name, unit)`")
    };
}

/// The help text of a doc comment: its lines, each of which begins with a space, put together.
pub const fn help(lines: &[&str], joined: &'static str) -> &'static str {
    let mut i = 0;
    while i < lines.len() {
        let line = lines[i].as_bytes();
        assert!(line.is_empty() || line[0] == b' ', "a line of a help text begins with `/// `");
        i += 1;
    }
    joined.trim_ascii()
}
