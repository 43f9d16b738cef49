//! Typed PromQL: expressions built from metric definitions.
//!
//! A metric's kind decides which functions apply to it, its label set which labels can be named;
//! [`Expr::problems`] finds mistakes that the types do not exclude. Import the [`prelude`].
//!
//! ```
//! use common::metric::{Counter, Gauge, Histogram, Info};
//! use promql::prelude::*;
//!
//! common::labels! {
//!     /// One queue.
//!     pub struct Queue {
//!         /// The queue's name.
//!         queue: String,
//!     }
//! }
//! common::label_values! {
//!     /// How a job ended.
//!     pub enum Outcome {
//!         /// Without an error.
//!         Done = "done",
//!         /// With an error.
//!         Failed = "failed",
//!     }
//! }
//! common::labels! {
//!     /// Finished jobs.
//!     pub struct Finished {
//!         /// The queue's name.
//!         queue: String,
//!         /// How they ended.
//!         outcome: Outcome,
//!     }
//! }
//! common::labels! {
//!     /// A build.
//!     pub struct Build {
//!         /// The version.
//!         version: String,
//!     }
//! }
//! common::catalog! {
//!     /// Jobs waiting
//!     pub static PENDING: Gauge<Queue> = "queue_jobs_pending";
//!     /// Finished jobs
//!     pub static FINISHED: Counter<Finished> = "queue_jobs_finished_total";
//!     /// How long jobs waited
//!     pub static WAIT: Histogram<Queue> = with_buckets("queue_wait_seconds", &[0.1, 0.5, 2.5]);
//!     /// Version of the program
//!     pub static BUILD: Info<Build> = "queue_build_info";
//! }
//!
//! // A sum of rates.
//! let finished = FINISHED.rate(minutes(5)).sum().by(Finished::queue);
//! assert_eq!(
//!     finished.to_string(),
//!     "sum by (queue) (rate(queue_jobs_finished_total[5m]))"
//! );
//!
//! // A ratio; `div_nonzero` drops the queues in which nothing ended.
//! let failed = FINISHED
//!     .filter(Finished::outcome.eq(Outcome::Failed))
//!     .rate(minutes(5))
//!     .sum()
//!     .by(Finished::queue);
//! let ratio = failed.div_nonzero(finished);
//!
//! // An alert's condition; broken into lines where it is long.
//! let condition: Condition = ratio.gt(0.05).into();
//! assert_eq!(condition.expr().render(Style::default()), "\
//! sum by (queue) (rate(queue_jobs_finished_total{outcome=\"failed\"}[5m]))
//!   / (sum by (queue) (rate(queue_jobs_finished_total[5m])) > 0)
//! > 0.05");
//! assert_eq!(condition.expr().problems(seconds(15)), []);
//!
//! // A quantile: `le` is kept automatically.
//! let p95 = WAIT.buckets().rate(RATE_INTERVAL).sum_by(Queue::queue).quantile(0.95);
//! assert_eq!(
//!     p95.to_string(),
//!     "histogram_quantile(0.95, sum by (queue, le) (rate(queue_wait_seconds_bucket[$__rate_interval])))"
//! );
//!
//! // The quantile of jobs that waited no longer than half a second: the bound is a bucket, or the
//! // constant does not compile.
//! const FAST: Bound<Queue> = Bound::of(&WAIT, 0.5);
//! let fast = FAST.rate(minutes(5)).sum() / WAIT.count().rate(minutes(5)).sum().gt(0);
//! assert_eq!(
//!     fast.to_string(),
//!     "sum(rate(queue_wait_seconds_bucket{le=\"0.5\"}[5m])) \
//!      / (sum(rate(queue_wait_seconds_count[5m])) > 0)"
//! );
//!
//! // A forecast, four hours ahead.
//! let full = PENDING.predict_linear(hours(1), hours(4)).gt(10_000).and(PENDING.gt(1_000));
//! assert_eq!(
//!     full.to_string(),
//!     "predict_linear(queue_jobs_pending[1h], 14400) > 10000 and queue_jobs_pending > 1000"
//! );
//!
//! // The same with every duration divided by 60.
//! assert_eq!(
//!     full.expr().one_line(Style { scale: 60.0 }),
//!     "predict_linear(queue_jobs_pending[1m], 240) > 10000 and queue_jobs_pending > 1000"
//! );
//!
//! // A join: each queue with the version that serves it.
//! let joined = PENDING.on((JOB, INSTANCE)).group_left(Build::version).mul(&BUILD);
//! assert_eq!(
//!     joined.to_string(),
//!     "queue_jobs_pending * on (job, instance) group_left (version) queue_build_info"
//! );
//! assert_eq!(Vec::from_iter(joined.expr().labels()), ["instance", "job", "queue", "version"]);
//!
//! // A recording rule, and a condition on what it records.
//! let backlog = Record::new("queue:jobs_pending:max", PENDING.max().by(Queue::queue));
//! let condition = backlog.filter(Queue::queue.ne("bulk")).max_over_time(minutes(10)).gt(100);
//! assert_eq!(
//!     condition.to_string(),
//!     "max_over_time(queue:jobs_pending:max{queue!=\"bulk\"}[10m]) > 100"
//! );
//!
//! // For a panel: limited to the values chosen in the dashboard's variables.
//! let shown = PENDING.filter((JOB.chosen(), INSTANCE.chosen(), Queue::queue.chosen())).sum();
//! assert_eq!(
//!     shown.expr().to_string(),
//!     r#"sum(queue_jobs_pending{job=~"$job",instance=~"$instance",queue=~"$queue"})"#
//! );
//! ```

#![warn(missing_docs)]

// Without types: the syntax tree, its text, and its checks.
mod ast;
mod check;
mod render;

// With types, on top of the tree; each file uses those above it.
mod query;

mod label;
mod scalar;

mod aggregate;
mod arithmetic;
mod condition;
mod functions;
mod matching;

mod alerts;
mod histogram;
mod record;
mod select;

pub use aggregate::{Aggregate, Aggregation, Ranked};
pub use alerts::{AlertLabels, AlertState, alerts};
pub use arithmetic::Arithmetic;
pub use ast::{
    Expr, LabelName, MatchOperator, Matcher, RATE_INTERVAL, Recorded, Series, Source, Window, days,
    hours, minutes, seconds,
};
pub use check::{Dimension, Problem};
pub use condition::{Compare, Comparison, Condition};
pub use functions::{Functions, Range};
pub use histogram::{
    Bound, BucketVector, Buckets, HistogramQuery, NoSuchBound, histogram_quantile,
};
pub use label::{
    Filter, INSTANCE, JOB, LabelList, LabelMatcher, LabelOf, MatchLabel, TargetLabel, TargetMatcher,
};
pub use matching::{Combine, Matching, MatchingRight};
pub use query::{FromExpr, Query, Vector};
pub use record::Record;
pub use render::{Style, number};
pub use scalar::{Operand, Scalar, day_of_week, hour, time, vector};
pub use select::{CounterQuery, GaugeQuery, Select, Selector, SimpleKind, ValueKind};

/// The items to write expressions with; traits that only add methods are imported without a name.
pub mod prelude {
    pub use super::{
        Aggregate as _, Arithmetic as _, Bound, Combine as _, Compare as _, Comparison, Condition,
        CounterQuery as _, Expr, Functions as _, GaugeQuery as _, HistogramQuery as _, INSTANCE,
        JOB, MatchLabel as _, Query, RATE_INTERVAL, Record, Scalar, Select, Selector, Style,
        TargetLabel, Vector, Window, days, histogram_quantile, hours, minutes, seconds, time,
        vector,
    };
}
