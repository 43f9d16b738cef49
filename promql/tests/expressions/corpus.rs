//! One expression of each form that can be written.

use promql::{day_of_week, hour, prelude::*};

use super::definitions::*;

const FAST: Bound<Queue> = Bound::of(&WAIT, 0.5);
const SYSTEM: TargetLabel = TargetLabel::new("system");

/// A ratio as an alert compares it.
pub(crate) fn failure_ratio() -> Vector<Finished> {
    let failed = FINISHED.filter(Finished::outcome.eq(Outcome::Failed)).rate(minutes(5));
    let all = FINISHED.rate(minutes(5)).sum().by(Finished::queue);
    failed.sum().by(Finished::queue).div_nonzero(all)
}

/// A series of a rule.
pub(crate) fn backlog() -> Record<Queue> {
    Record::new("queue:jobs_pending:max", PENDING.max().by(Queue::queue)).label(SYSTEM, "shop")
}

/// Each expression.
pub(crate) fn corpus() -> Vec<Expr> {
    [series(), computed(), recorded()].concat()
}

fn series() -> Vec<Expr> {
    vec![
        // Selectors.
        PENDING.expr(),
        PENDING.filter(Queue::queue.eq("mail")).expr(),
        PENDING.filter((Queue::queue.ne("mail"), JOB.eq("queue"))).expr(),
        PENDING.filter(Queue::queue.matches("mail|sms")).expr(),
        PENDING.filter(Queue::queue.not_matches("test.*")).expr(),
        PENDING.filter(Queue::queue.one_of(["a.b", "c|d"])).expr(),
        PENDING.filter(Queue::queue.none_of(["a"])).filter(INSTANCE.not_matches("x.*")).expr(),
        PENDING.filter(Queue::queue.eq("a\"b\\c\nd")).expr(),
        OPEN.filter(Finished::outcome.one_of(Outcome::ALL)).expr(),
        PENDING.filter((JOB.chosen(), Queue::queue.chosen())).expr(),
        PENDING.offset(days(7)).expr(),
        BUILD.expr(),
        // Counters.
        FINISHED.rate(minutes(5)).expr(),
        FINISHED.irate(minutes(2)).expr(),
        FINISHED.increase(hours(1)).expr(),
        FINISHED.resets(days(1)).expr(),
        FINISHED.offset(hours(1)).rate(minutes(5)).expr(),
        FINISHED.absent().expr(),
        FINISHED.rate(RATE_INTERVAL).expr(),
        FINISHED.increase(Window::Range).expr(),
        // Gauges and their past.
        PENDING.max_over_time(minutes(10)).expr(),
        PENDING.min_over_time(minutes(10)).expr(),
        PENDING.avg_over_time(minutes(10)).expr(),
        PENDING.sum_over_time(minutes(10)).expr(),
        PENDING.count_over_time(minutes(10)).expr(),
        PENDING.last_over_time(minutes(10)).expr(),
        PENDING.present_over_time(minutes(10)).expr(),
        PENDING.stddev_over_time(minutes(10)).expr(),
        PENDING.quantile_over_time(0.9, minutes(10)).expr(),
        PENDING.delta(minutes(10)).expr(),
        PENDING.deriv(minutes(10)).expr(),
        PENDING.changes(minutes(10)).expr(),
        PENDING.predict_linear(hours(6), hours(4)).expr(),
        PENDING.absent_over_time(minutes(10)).expr(),
        LAST.age().gt(minutes(15)).expr(),
        // Histograms.
        WAIT.buckets().rate(minutes(5)).sum_by(Queue::queue).quantile(0.95).expr(),
        WAIT.buckets().increase(minutes(5)).sum().into(),
        WAIT.buckets().rate(minutes(5)).sum_without(INSTANCE).into(),
        FAST.rate(minutes(5)).expr(),
        Bound::of(&WAIT, 1.0).increase(hours(1)).expr(),
        WAIT.count().rate(minutes(5)).expr(),
        WAIT.mean(minutes(5)).expr(),
    ]
}

fn computed() -> Vec<Expr> {
    let rate = || FINISHED.rate(minutes(5));
    vec![
        // Aggregations.
        PENDING.sum().expr(),
        PENDING.min().by((Queue::queue, INSTANCE)).expr(),
        PENDING.max().without((INSTANCE, JOB)).expr(),
        PENDING.avg().by(SYSTEM).expr(),
        PENDING.count().expr(),
        PENDING.group().by(Queue::queue).expr(),
        PENDING.stddev().expr(),
        PENDING.quantile(0.5).by(Queue::queue).expr(),
        PENDING.topk(5).expr(),
        PENDING.bottomk(3).by(INSTANCE).expr(),
        // Arithmetic.
        (PENDING.vector() + 1.0).expr(),
        ((PENDING.vector() + 1.0) * 2.0 - 3.0).expr(),
        (100.0 * failure_ratio()).expr(),
        (1.0 - (PENDING.vector() - PENDING.offset(hours(1)))).expr(),
        PENDING.vector().pow(2).pow(3).expr(),
        PENDING.pow(PENDING.pow(2)).expr(),
        PENDING.modulo(60).mul(-1).expr(),
        (PENDING.sum() / PENDING.count()).expr(),
        (time() - LAST.vector()).expr(),
        (vector(time() - 5.0) % 7.0).expr(),
        PENDING.div(PENDING.sum().scalar()).expr(),
        // Comparisons.
        failure_ratio().gt(14.4 * (1.0 - 0.999)).expr(),
        PENDING.ge(5).and(PENDING.le(10)).expr(),
        UP.eq(0).or(UP.absent()).expr(),
        PENDING.ne(0).unless(PENDING.lt(5)).expr(),
        PENDING.gt(PENDING.offset(hours(1))).expr(),
        PENDING.gt_bool(5).expr(),
        PENDING.eq_bool(PENDING.avg_over_time(hours(1))).expr(),
        PENDING.gt(5).and(PENDING.lt(9).or(PENDING.eq(0))).expr(),
        PENDING.or(LAST.mul(0)).expr(),
        // Matching.
        PENDING.on((JOB, INSTANCE)).group_left(Build::version).mul(&BUILD).expr(),
        PENDING.on((Queue::queue, JOB, INSTANCE)).group_right(()).div_nonzero(&BUSY).expr(),
        OPEN.filter(Finished::outcome.eq(Outcome::Done))
            .ignoring(Finished::outcome)
            .add(OPEN.filter(Finished::outcome.eq(Outcome::Failed)))
            .expr(),
        PENDING.gt(10).on(()).and(hour().ge(8)).on(()).unless(day_of_week().eq(0)).expr(),
        PENDING.gt(10).on(Queue::queue).unless(BUSY.gt(0)).expr(),
        PENDING.on(Queue::queue).or(&BUSY).expr(),
        PENDING.on((Queue::queue, JOB, INSTANCE)).gt(LAST.vector()).expr(),
        // Functions.
        PENDING.abs().ceil().floor().round().round_to(0.5).sgn().sqrt().expr(),
        PENDING.clamp_min(1).clamp_max(PENDING.max().scalar()).expr(),
        PENDING.timestamp().age().expr(),
        LAST.hour().expr(),
        LAST.day_of_week().expr(),
        PENDING.sort().sort_desc().expr(),
        BUSY.label_replace(Worker::worker, "$1", Worker::queue, "(.*)-.*").expr(),
        PENDING.sum().absent().expr(),
        // Subqueries.
        rate().subquery(minutes(30), minutes(1)).max_over_time().expr(),
        (rate() + 1.0).subquery(hours(1), seconds(30)).avg_over_time().expr(),
        PENDING.offset(hours(1)).subquery(hours(1), minutes(5)).min_over_time().expr(),
        rate().sum().subquery(hours(1), minutes(5)).predict_linear(hours(1)).expr(),
        // Long enough to be broken, inside and out.
        failure_ratio()
            .subquery(hours(6), minutes(5))
            .quantile_over_time(0.9)
            .gt(0.05)
            .and(failure_ratio().topk(3).by(Finished::queue).gt(0.01))
            .or(failure_ratio().clamp_max(0.5).gt(0.02).unless(failure_ratio().lt(0.001)))
            .expr(),
    ]
}

fn recorded() -> Vec<Expr> {
    let backlog = backlog();
    let alias = Record::counter("shop_jobs_total", FINISHED.filter(JOB.eq("queue")));
    vec![
        backlog.filter(Queue::queue.eq("mail")).max_over_time(minutes(5)).gt(3).expr(),
        (&backlog).sub(backlog.offset(days(7))).expr(),
        alias.increase(minutes(5)).sum().by(Finished::outcome).expr(),
    ]
}
