//! Units of expressions.

use common::metric::{Counter, Gauge, Histogram, Unit};
use promql::{Dimension, prelude::*};

common::catalog! {
    /// Depth
    static DEPTH: Gauge = "depth";
    /// Seen
    static SEEN: Gauge = "seen_timestamp_seconds";
    /// Done
    static DONE: Counter = "done_total";
    /// Sent
    static SENT: Counter = "sent_bytes_total";
    /// Run
    static RUN: Histogram = with_buckets("run_seconds", &[1.0]);
}

fn check(query: impl Query, unit: Unit, per_second: bool) {
    let expr = query.expr();
    assert_eq!(expr.dimension(), Some(Dimension { unit, per_second }), "{expr}");
}

#[test]
fn the_unit_follows_from_the_definitions() {
    check(DEPTH.max().by(()), Unit::None, false);
    check(DONE.rate(minutes(5)), Unit::None, true);
    check(SENT.rate(minutes(5)).sum().by(()), Unit::Bytes, true);
    check(SENT.increase(minutes(5)), Unit::Bytes, false);
    check(SEEN.age(), Unit::Seconds, false);
    check(RUN.mean(minutes(5)), Unit::Seconds, false);
    check(RUN.buckets().rate(minutes(5)).sum().quantile(0.95), Unit::Seconds, false);
    check(DONE.rate(minutes(5)).div_nonzero(DONE.rate(minutes(5))), Unit::Ratio, false);
    check(Scalar::from(1.0) - (&DEPTH).div_nonzero(&DEPTH), Unit::Ratio, false);
    check(DEPTH.gt(5), Unit::None, false);
    check(SENT.increase(minutes(5)).or(vector(0)), Unit::Bytes, false);
}

#[test]
fn what_the_definitions_do_not_tell_is_not_guessed() {
    assert_eq!(SEEN.add(&SEEN).mul(SEEN.age()).expr().dimension(), None);
    assert_eq!(vector(1).expr().dimension(), None);
}
