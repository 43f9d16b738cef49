//! The texts.

use expect_test::expect;
use promql::{Style, prelude::*};

use super::corpus::{corpus, failure_ratio};

#[test]
fn every_form_in_one_line() {
    let lines: Vec<_> = corpus().iter().map(ToString::to_string).collect();
    expect![[r#"
        queue_jobs_pending
        queue_jobs_pending{queue="mail"}
        queue_jobs_pending{queue!="mail",job="queue"}
        queue_jobs_pending{queue=~"mail|sms"}
        queue_jobs_pending{queue!~"test.*"}
        queue_jobs_pending{queue=~"a\\.b|c\\|d"}
        queue_jobs_pending{queue!~"a",instance!~"x.*"}
        queue_jobs_pending{queue="a\"b\\c\nd"}
        queue_jobs_open{outcome=~"done|failed"}
        queue_jobs_pending{job=~"$job",queue=~"$queue"}
        queue_jobs_pending offset 1w
        queue_build_info
        rate(queue_jobs_finished_total[5m])
        irate(queue_jobs_finished_total[2m])
        increase(queue_jobs_finished_total[1h])
        resets(queue_jobs_finished_total[1d])
        rate(queue_jobs_finished_total[5m] offset 1h)
        absent(queue_jobs_finished_total)
        rate(queue_jobs_finished_total[$__rate_interval])
        increase(queue_jobs_finished_total[$__range])
        max_over_time(queue_jobs_pending[10m])
        min_over_time(queue_jobs_pending[10m])
        avg_over_time(queue_jobs_pending[10m])
        sum_over_time(queue_jobs_pending[10m])
        count_over_time(queue_jobs_pending[10m])
        last_over_time(queue_jobs_pending[10m])
        present_over_time(queue_jobs_pending[10m])
        stddev_over_time(queue_jobs_pending[10m])
        quantile_over_time(0.9, queue_jobs_pending[10m])
        delta(queue_jobs_pending[10m])
        deriv(queue_jobs_pending[10m])
        changes(queue_jobs_pending[10m])
        predict_linear(queue_jobs_pending[6h], 14400)
        absent_over_time(queue_jobs_pending[10m])
        time() - queue_last_job_timestamp_seconds > 900
        histogram_quantile(0.95, sum by (queue, le) (rate(queue_wait_seconds_bucket[5m])))
        sum by (le) (increase(queue_wait_seconds_bucket[5m]))
        sum without (instance) (rate(queue_wait_seconds_bucket[5m]))
        rate(queue_wait_seconds_bucket{le="0.5"}[5m])
        increase(queue_wait_seconds_bucket{le=~"1(\\.0)?"}[1h])
        rate(queue_wait_seconds_count[5m])
        rate(queue_wait_seconds_sum[5m]) / (rate(queue_wait_seconds_count[5m]) > 0)
        sum(queue_jobs_pending)
        min by (queue, instance) (queue_jobs_pending)
        max without (instance, job) (queue_jobs_pending)
        avg by (system) (queue_jobs_pending)
        count(queue_jobs_pending)
        group by (queue) (queue_jobs_pending)
        stddev(queue_jobs_pending)
        quantile by (queue) (0.5, queue_jobs_pending)
        topk(5, queue_jobs_pending)
        bottomk by (instance) (3, queue_jobs_pending)
        queue_jobs_pending + 1
        (queue_jobs_pending + 1) * 2 - 3
        100 * (sum by (queue) (rate(queue_jobs_finished_total{outcome="failed"}[5m])) / (sum by (queue) (rate(queue_jobs_finished_total[5m])) > 0))
        1 - (queue_jobs_pending - queue_jobs_pending offset 1h)
        (queue_jobs_pending ^ 2) ^ 3
        queue_jobs_pending ^ queue_jobs_pending ^ 2
        queue_jobs_pending % 60 * -1
        sum(queue_jobs_pending) / count(queue_jobs_pending)
        time() - queue_last_job_timestamp_seconds
        vector(time() - 5) % 7
        queue_jobs_pending / scalar(sum(queue_jobs_pending))
        sum by (queue) (rate(queue_jobs_finished_total{outcome="failed"}[5m])) / (sum by (queue) (rate(queue_jobs_finished_total[5m])) > 0) > 0.0144
        queue_jobs_pending >= 5 and queue_jobs_pending <= 10
        queue_up == 0 or absent(queue_up)
        queue_jobs_pending != 0 unless queue_jobs_pending < 5
        queue_jobs_pending > queue_jobs_pending offset 1h
        queue_jobs_pending > bool 5
        queue_jobs_pending == bool avg_over_time(queue_jobs_pending[1h])
        queue_jobs_pending > 5 and (queue_jobs_pending < 9 or queue_jobs_pending == 0)
        queue_jobs_pending or queue_last_job_timestamp_seconds * 0
        queue_jobs_pending * on (job, instance) group_left (version) queue_build_info
        queue_jobs_pending / on (queue, job, instance) group_right () (queue_worker_busy > 0)
        queue_jobs_open{outcome="done"} + ignoring (outcome) queue_jobs_open{outcome="failed"}
        queue_jobs_pending > 10 and on () hour() >= 8 unless on () day_of_week() == 0
        queue_jobs_pending > 10 unless on (queue) queue_worker_busy > 0
        queue_jobs_pending or on (queue) queue_worker_busy
        queue_jobs_pending > on (queue, job, instance) queue_last_job_timestamp_seconds
        sqrt(sgn(round(round(floor(ceil(abs(queue_jobs_pending)))), 0.5)))
        clamp_max(clamp_min(queue_jobs_pending, 1), scalar(max(queue_jobs_pending)))
        time() - timestamp(queue_jobs_pending)
        hour(queue_last_job_timestamp_seconds)
        day_of_week(queue_last_job_timestamp_seconds)
        sort_desc(sort(queue_jobs_pending))
        label_replace(queue_worker_busy, "worker", "$1", "queue", "(.*)-.*")
        absent(sum(queue_jobs_pending))
        max_over_time(rate(queue_jobs_finished_total[5m])[30m:1m])
        avg_over_time((rate(queue_jobs_finished_total[5m]) + 1)[1h:30s])
        min_over_time((queue_jobs_pending offset 1h)[1h:5m])
        predict_linear(sum(rate(queue_jobs_finished_total[5m]))[1h:5m], 3600)
        quantile_over_time(0.9, (sum by (queue) (rate(queue_jobs_finished_total{outcome="failed"}[5m])) / (sum by (queue) (rate(queue_jobs_finished_total[5m])) > 0))[6h:5m]) > 0.05 and topk by (queue) (3, sum by (queue) (rate(queue_jobs_finished_total{outcome="failed"}[5m])) / (sum by (queue) (rate(queue_jobs_finished_total[5m])) > 0)) > 0.01 or clamp_max(sum by (queue) (rate(queue_jobs_finished_total{outcome="failed"}[5m])) / (sum by (queue) (rate(queue_jobs_finished_total[5m])) > 0), 0.5) > 0.02 unless sum by (queue) (rate(queue_jobs_finished_total{outcome="failed"}[5m])) / (sum by (queue) (rate(queue_jobs_finished_total[5m])) > 0) < 0.001
        max_over_time(queue:jobs_pending:max{queue="mail"}[5m]) > 3
        queue:jobs_pending:max - queue:jobs_pending:max offset 1w
        sum by (outcome) (increase(shop_jobs_total[5m]))"#]].assert_eq(&lines.join("\n"));
}

#[test]
fn long_ones_are_broken() {
    let last = corpus().iter().map(|it| it.render(Style::default())).max_by_key(String::len);
    expect![[r#"
        quantile_over_time(
          0.9,
          (
            sum by (queue) (rate(queue_jobs_finished_total{outcome="failed"}[5m]))
            / (sum by (queue) (rate(queue_jobs_finished_total[5m])) > 0)
          )[6h:5m]
        )
            > 0.05
          and topk by (queue) (
            3,
            sum by (queue) (rate(queue_jobs_finished_total{outcome="failed"}[5m]))
            / (sum by (queue) (rate(queue_jobs_finished_total[5m])) > 0)
          )
            > 0.01
        or clamp_max(
          sum by (queue) (rate(queue_jobs_finished_total{outcome="failed"}[5m]))
          / (sum by (queue) (rate(queue_jobs_finished_total[5m])) > 0),
          0.5
        )
            > 0.02
          unless sum by (queue) (rate(queue_jobs_finished_total{outcome="failed"}[5m]))
              / (sum by (queue) (rate(queue_jobs_finished_total[5m])) > 0)
            < 0.001"#]]
    .assert_eq(&last.unwrap());
}

#[test]
fn time_runs_faster_in_every_duration_and_in_no_number() {
    let expr = failure_ratio()
        .subquery(hours(1), minutes(1))
        .max_over_time()
        .gt(0.05)
        .on(())
        .and(super::definitions::LAST.age().gt(minutes(10)))
        .expr();
    expect![[r#"max_over_time((sum by (queue) (rate(queue_jobs_finished_total{outcome="failed"}[5s])) / (sum by (queue) (rate(queue_jobs_finished_total[5s])) > 0))[1m:1s]) > 0.05 and on () time() - queue_last_job_timestamp_seconds > 10"#]].assert_eq(&expr.one_line(Style { scale: 60.0 }));
    expect![[r#"max_over_time((sum by (queue) (rate(queue_jobs_finished_total{outcome="failed"}[42s857ms])) / (sum by (queue) (rate(queue_jobs_finished_total[42s857ms])) > 0))[8m34s286ms:8s571ms]) > 0.05 and on () time() - queue_last_job_timestamp_seconds > 85.714"#]].assert_eq(&expr.one_line(Style { scale: 7.0 }));
}
