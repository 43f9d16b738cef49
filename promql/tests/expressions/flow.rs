//! Labels and problems of expressions.

use expect_test::{Expect, expect};
use promql::{MatchOperator, Matcher, prelude::*};

use super::{
    corpus::{backlog, failure_ratio},
    definitions::*,
};

fn labels(query: impl Into<Expr>) -> String {
    Vec::from_iter(query.into().labels()).join(" ")
}

#[test]
fn labels_are_followed() {
    let open = || OPEN.filter(Finished::outcome.eq(Outcome::Done));
    assert_eq!(labels(&PENDING), "instance job queue");
    assert_eq!(labels(PENDING.sum()), "");
    assert_eq!(labels(PENDING.sum().by((Queue::queue, JOB))), "job queue");
    assert_eq!(labels(PENDING.sum().without(INSTANCE)), "job queue");
    assert_eq!(labels(PENDING.topk(3).by(JOB)), "instance job queue");
    assert_eq!(labels(failure_ratio()), "queue");
    assert_eq!(labels(time() - LAST.vector()), "instance job queue");
    assert_eq!(labels(vector(1)), "");
    assert_eq!(labels(PENDING.absent()), "");
    assert_eq!(labels(PENDING.filter(Queue::queue.eq("a")).absent()), "queue");
    assert_eq!(labels(WAIT.buckets().rate(minutes(5)).sum()), "le");
    assert_eq!(labels(WAIT.buckets().rate(minutes(5)).sum().quantile(0.5)), "");
    assert_eq!(labels(open().ignoring(Finished::outcome).add(open())), "instance job queue");
    assert_eq!(labels(OPEN.on(Finished::queue).add(&OPEN)), "queue");
    assert_eq!(labels(OPEN.on(Finished::queue).and(&PENDING)), "instance job outcome queue");
    assert_eq!(labels(UP.eq(0).or(UP.absent())), "");
    assert_eq!(
        labels(PENDING.on((JOB, INSTANCE)).group_left(Build::version).mul(&BUILD)),
        "instance job queue version"
    );
    assert_eq!(
        labels(PENDING.on((Queue::queue, JOB, INSTANCE)).group_right(()).mul(&BUSY)),
        "instance job queue worker"
    );
    assert_eq!(labels(PENDING.sum().label_replace(Worker::worker, "$1", JOB, "(.*)")), "worker");
    assert_eq!(labels(&backlog()), "queue system");
}

fn check(query: impl Into<Expr>, expected: &Expect) {
    let problems: Vec<_> =
        query.into().problems(seconds(15)).iter().map(ToString::to_string).collect();
    expected.assert_eq(&problems.join("\n"));
}

#[test]
fn problems_are_found() {
    let queues = || PENDING.sum().by(Queue::queue);
    check(
        queues().sum().by(INSTANCE),
        &expect![
            "the series of `sum by (queue) (queue_jobs_pending)` do not carry the label `instance`"
        ],
    );
    check(
        PENDING.div_nonzero(queues()),
        &expect![
            "no series match in `queue_jobs_pending / (sum by (queue) (queue_jobs_pending) > 0)`: only the left side carries [instance, job], only the right []; use `on` or `ignoring`"
        ],
    );
    check(
        queues().on(INSTANCE).div_nonzero(queues()),
        &expect![[r#"
        the series of `sum by (queue) (queue_jobs_pending)` do not carry the label `instance`
        the series of `sum by (queue) (queue_jobs_pending) > 0` do not carry the label `instance`
        several series may match one in `sum by (queue) (queue_jobs_pending) / on (instance) (sum by (queue) (queue_jobs_pending) > 0)`, which differ only in [queue]; aggregate them away or use `group_left`"#]],
    );
    check(
        PENDING.on((JOB, INSTANCE)).div_nonzero(&PENDING),
        &expect![
            "several series may match one in `queue_jobs_pending / on (job, instance) (queue_jobs_pending > 0)`, which differ only in [queue]; aggregate them away or use `group_left`"
        ],
    );
    check(
        PENDING
            .on((JOB, INSTANCE))
            .group_left(Build::version)
            .mul(BUILD.group().by((JOB, INSTANCE)).labelled()),
        &expect![
            "the series of `group by (job, instance) (queue_build_info)` do not carry the label `version`"
        ],
    );
    check(
        FINISHED.rate(seconds(30)),
        &expect![
            "the window 30s of `rate(queue_jobs_finished_total[30s])` is shorter than 1m, four scrapes"
        ],
    );
    check(
        PENDING.deriv(seconds(59)),
        &expect![
            "the window 59s of `deriv(queue_jobs_pending[59s])` is shorter than 1m, four scrapes"
        ],
    );
    check(
        queues() / queues(),
        &expect![
            "the divisor `sum by (queue) (queue_jobs_pending)` may be zero; use `div_nonzero`"
        ],
    );
    check(queues() / 0.0, &expect!["the divisor `0` may be zero; use `div_nonzero`"]);
    check(
        queues() % queues().clamp_min(0),
        &expect![
            "the divisor `clamp_min(sum by (queue) (queue_jobs_pending), 0)` may be zero; use `div_nonzero`"
        ],
    );
    check(
        WAIT.buckets().rate(minutes(5)).sum().quantile(95.0),
        &expect!["the quantile 95 is not between 0 and 1"],
    );
    let open = |it| OPEN.filter(Finished::outcome.eq(it));
    check(
        open(Outcome::Done).add(open(Outcome::Failed)),
        &expect![[
            r#"no series match in `queue_jobs_open{outcome="done"} + queue_jobs_open{outcome="failed"}`: the sides fix different values of `outcome`; use `ignoring`"#
        ]],
    );
    check(
        PENDING.sum().by(JOB).label_replace(Queue::queue, "$1", Queue::queue, "(.*)"),
        &expect![
            "the series of `sum by (job) (queue_jobs_pending)` do not carry the label `queue`"
        ],
    );
    check(
        (&backlog()).sum().by(JOB),
        &expect!["the series of `queue:jobs_pending:max` do not carry the label `job`"],
    );
}

#[test]
fn sound_expressions_have_no_problems() {
    let open = |it| OPEN.filter(Finished::outcome.eq(it));
    let sound: Vec<Expr> = vec![
        failure_ratio().gt(0.05).into(),
        FINISHED.rate(minutes(1)).into(),
        FINISHED.rate(RATE_INTERVAL).into(),
        PENDING.on((JOB, INSTANCE)).group_left(Build::version).mul(&BUILD).into(),
        open(Outcome::Done).ignoring(Finished::outcome).add(open(Outcome::Failed)).into(),
        open(Outcome::Done).on((Finished::queue, JOB, INSTANCE)).add(open(Outcome::Failed)).into(),
        UP.eq(0).or(UP.absent()).into(),
        PENDING.gt(1).on(Queue::queue).and(BUSY.gt(0)).into(),
        (PENDING.vector() / PENDING.clamp_min(1)).into(),
        (PENDING.vector() / PENDING.ne(0)).into(),
        (PENDING.sum() / PENDING.count()).into(),
        PENDING.sum().by(TargetLabel::new("system")).into(),
        WAIT.mean(minutes(5)).into(),
    ];
    for expr in sound {
        assert_eq!(expr.problems(seconds(15)), [], "{expr}");
    }
}

#[test]
fn what_an_expression_rests_on_is_known() {
    let recorded = backlog();
    let condition = recorded.gt(10).on(Queue::queue).and(BUSY.filter(JOB.eq("queue")).gt(0));
    let expr: Expr = condition.into();
    let metrics: Vec<_> = expr.metrics().into_keys().collect();
    assert_eq!(metrics, ["queue_jobs_pending", "queue_worker_busy"]);
    let records: Vec<_> = expr.records().iter().map(|it| it.name()).collect();
    assert_eq!(records, ["queue:jobs_pending:max"]);
    let matchers: Vec<_> = expr.matchers().iter().map(ToString::to_string).collect();
    assert_eq!(matchers, [r#"job="queue""#]);
    assert!(!expr.has_absent());
    assert!(UP.eq(0).or(UP.absent()).expr().has_absent());
}

#[test]
fn a_rule_s_expression_is_narrowed_for_a_panel() {
    let scope: Vec<Matcher> = vec![JOB.chosen().into(), Queue::queue.chosen().into()];
    assert!(scope.iter().all(|it| it.operator == MatchOperator::Matches));
    let expr = PENDING.on(JOB).group_left(()).mul(&UP).expr().narrowed(&scope);
    assert_eq!(
        expr.to_string(),
        "queue_jobs_pending{job=~\"$job\",queue=~\"$queue\"} \
         * on (job) group_left () queue_up{job=~\"$job\"}"
    );
    // A recorded series is narrowed by the labels that it was recorded with.
    let expr = (&backlog()).expr().narrowed(&scope);
    assert_eq!(expr.to_string(), "queue:jobs_pending:max{queue=~\"$queue\"}");
}

#[test]
fn a_bound_that_is_no_bucket_is_an_error() {
    let error = Bound::find(&WAIT, 0.3).map(|it| it.le()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the histogram `queue_wait_seconds` has no bucket of the bound 0.3; \
         its bounds are 0.1, 0.5, 1, 2.5"
    );
}

#[test]
#[should_panic(expected = "`9 lives` is not the name of a series")]
fn a_record_has_a_name_that_prometheus_takes() {
    drop(Record::new("9 lives", &PENDING));
}
