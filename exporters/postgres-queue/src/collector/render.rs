//! Writes the samples of one mapping.

use std::{collections::BTreeMap, time::SystemTime};

use common::{
    metric::{Counter, Gauge},
    scrape::{
        Snapshot,
        label_limit::{FoldedLabels, LABELS_FOLDED},
    },
};

use super::{
    TableCollector, activity::Activity, counters::Counters, lock, plan::Plan, state::State,
    stream::Stream,
};
use crate::{
    event::seconds,
    labels::{ColumnLabels, SourceLabels},
    questions::{Answer, Context, Query, QueryLabels, render_later},
};

common::catalog! {
    /// Whether each row is certain to be counted exactly once (1), or a row committed later than
    /// the lookback may be missed or counted late (0)
    pub static EXACT: Gauge<SourceLabels> = "queue_counting_exact";
    /// Watermark of the counters: rows stamped before it are final, and each scrape reads the rows
    /// stamped after it
    pub static WATERMARK: Gauge<SourceLabels> = "queue_counting_bound_timestamp_seconds";
    /// Keys of counted rows that are kept because the rows are stamped after the watermark
    pub static COUNTED_KEYS: Gauge<SourceLabels> = "queue_counted_keys";
    /// Rows that were committed later than the lookback and found by the query for late rows; they
    /// are in the counters of jobs, but neither in the histograms nor in the errors by class
    pub static COUNTED_LATE: Counter<SourceLabels> = "queue_jobs_counted_late_total";
    /// Whether the table has one of the columns that the mapping names (1) or not (0); metrics that
    /// need a missing column are absent
    pub static COLUMN_PRESENT: Gauge<ColumnLabels> = "queue_mapping_column_present";
    /// Whether row-level security may hide rows of the table from the exporter's role (1) or not
    /// (0)
    pub static ROW_SECURITY: Gauge<SourceLabels> = "queue_row_security_active";
    /// Whether the query scans a large table (1) or is served by an index (0); the landing page has
    /// the CREATE INDEX that helps
    pub static UNINDEXED: Gauge<QueryLabels> = "queue_query_unindexed";
    /// When the query was last answered, for queries that are too expensive to run at each scrape
    pub static READING: Gauge<QueryLabels> = "queue_reading_timestamp_seconds";
    /// Age of the oldest open transaction in the database; vacuum cannot remove rows that died
    /// since; 0 when none is open
    pub static OLDEST_SNAPSHOT_AGE: Gauge = "queue_oldest_snapshot_age_seconds";
}

impl TableCollector {
    /// Writes this scrape's answers, and the deferred ones with their times.
    pub(super) fn render(
        &self,
        out: &mut Snapshot,
        plan: &Plan,
        answered: &BTreeMap<Query, Box<dyn Answer>>,
        activity: Option<&Activity>,
    ) {
        let state = &mut *lock(&self.state);
        let context = self.context(plan);
        // A question that is asked at each scrape now, after an index was created.
        state.deferred.retain(|query, _| !answered.contains_key(query));
        let deferred = state.deferred.iter().map(|(query, it)| (query, &it.answer));
        let answers: BTreeMap<Query, &dyn Answer> =
            answered.iter().chain(deferred).map(|(query, it)| (*query, &**it)).collect();
        for answer in answers.values() {
            answer.add_queues(&mut state.queues);
        }
        for answer in answers.values() {
            answer.render(&context, &state.queues, out);
        }
        render_later(&answers, &context, &state.queues, out);
        for (query, deferred) in &state.deferred {
            let at = deferred.at.duration_since(SystemTime::UNIX_EPOCH).ok();
            let labels = QueryLabels { source: self.name.clone(), query: *query };
            out.gauge(&READING, labels, at.map(|it| it.as_secs_f64()));
        }
        self.render_plan(out, plan);
        if let Some(activity) = activity {
            let age = activity.oldest_snapshot_age.unwrap_or(0.0).max(0.0);
            out.gauge(&OLDEST_SNAPSHOT_AGE, (), activity.privileged.then_some(age));
        }
        self.render_counters(out, plan, &context, state);
        let folded: u64 = self.queue_limits.iter().map(|it| it.folded()).sum();
        out.counter(&LABELS_FOLDED, FoldedLabels { label: "queue" }, folded as f64);
    }

    fn render_counters(
        &self,
        out: &mut Snapshot,
        plan: &Plan,
        context: &Context<'_>,
        state: &State,
    ) {
        let counting = &state.counting;
        let streams = Stream::ALL.into_iter().filter(|it| plan.statements.contains_key(&it.rows()));
        let ledgers: Vec<_> = streams.map(|it| counting.ledger(it)).collect();
        // Before the first reading the counters are unknown: absent, not zero.
        if ledgers.is_empty() || ledgers.iter().any(|it| it.watermark().is_none()) {
            return;
        }
        let none = Counters::default();
        for queue in &state.queues {
            let counters = counting.counters.get(queue).unwrap_or(&none);
            counters.render(context, queue, &self.buckets, out);
        }
        let exact = ledgers.iter().all(|it| it.is_exact());
        let watermark = ledgers.iter().filter_map(|it| it.watermark()).min();
        let keys: usize = ledgers.iter().map(|it| it.len()).sum();
        let labels = || context.source_labels();
        out.gauge(&EXACT, labels(), f64::from(exact));
        out.gauge(&WATERMARK, labels(), watermark.map(seconds));
        out.gauge(&COUNTED_KEYS, labels(), keys as f64);
        out.counter(&COUNTED_LATE, labels(), counting.late as f64);
    }

    fn render_plan(&self, out: &mut Snapshot, plan: &Plan) {
        for (key, present) in &plan.resolved.present {
            let labels = ColumnLabels { source: self.name.clone(), column: (*key).into() };
            out.gauge(&COLUMN_PRESENT, labels, f64::from(*present));
        }
        let hidden = plan.resolved.relation.row_security;
        out.gauge(&ROW_SECURITY, self.context(plan).source_labels(), f64::from(hidden));
        for query in plan.statements.keys().filter(|it| it.question().is_explained()) {
            let unindexed = plan.unindexed.contains_key(query);
            let labels = QueryLabels { source: self.name.clone(), query: *query };
            out.gauge(&UNINDEXED, labels, f64::from(unindexed));
        }
    }
}
