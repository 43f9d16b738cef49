//! From what was read to samples.

use std::{collections::BTreeMap, time::SystemTime};

use common::{
    metric::LabelText,
    scrape::{
        Snapshot,
        label_limit::{FoldedLabels, LABELS_FOLDED},
    },
};

use super::{
    Source, figures, lock,
    plan::Plan,
    state::{Answer, State, Table, seconds},
    watch::Seen,
};
use crate::metrics::{
    self, ColumnLabels, ErrorLabels, Query, QueryLabels, QueueLabels, SourceLabels,
};

impl Source {
    /// Writes all that is known now: what this scrape read, and the kept answers with their times.
    pub(super) fn render(
        &self,
        out: &mut Snapshot,
        plan: &Plan,
        answered: &BTreeMap<Query, Answer>,
        seen: Option<&Seen>,
    ) {
        let state = &mut *lock(&self.state);
        state.kept.retain(|query, _| !answered.contains_key(query));
        let kept = state.kept.iter().map(|(query, it)| (*query, &it.answer));
        let answers: Vec<_> = answered.iter().map(|(query, it)| (*query, it)).chain(kept).collect();
        for (_, answer) in &answers {
            match answer {
                Answer::Depths(depths) => state.known.extend(depths.keys().cloned()),
                Answer::Paused(queues) => state.known.extend(queues.keys().cloned()),
                Answer::Table(_) | Answer::Workers(_) | Answer::Errors(_) => {}
            }
        }
        let depths: Vec<_> = answers
            .iter()
            .filter_map(|(query, answer)| match answer {
                Answer::Depths(depths) => Some((*query, depths)),
                _ => None,
            })
            .collect();
        figures::render(out, self.name, &plan.shape, &state.known, &depths);
        for (query, answer) in &answers {
            match answer {
                Answer::Depths(_) => {}
                Answer::Table(table) => self.render_table(out, *table),
                Answer::Errors(errors) => self.render_errors(out, state, errors),
                Answer::Workers(alive) => {
                    out.gauge(&metrics::WORKERS_ALIVE, self.labels(), *alive as f64);
                }
                Answer::Paused(queues) => self.render_paused(out, state, queues),
            }
            if *query == Query::Window {
                let length = self.mapping.window.get().as_secs_f64();
                out.gauge(&metrics::WINDOW, self.labels(), length);
            }
        }
        for (query, kept) in &state.kept {
            let at = kept.at.duration_since(SystemTime::UNIX_EPOCH).ok().map(|it| it.as_secs_f64());
            out.gauge(&metrics::READING, self.query_labels(*query), at);
        }
        self.render_plan(out, plan);
        if let Some(seen) = seen {
            out.gauge(
                &metrics::OLDEST_SNAPSHOT_AGE,
                (),
                seen.privileged.then(|| seen.oldest_snapshot_age.unwrap_or(0.0).max(0.0)),
            );
        }
        self.render_counts(out, plan, state);
        let folded: u64 = self.caps.iter().map(|it| it.folded()).sum();
        out.counter(&LABELS_FOLDED, FoldedLabels { label: "queue" }, folded as f64);
    }

    fn render_counts(&self, out: &mut Snapshot, plan: &Plan, state: &State) {
        let counting = &state.counting;
        let asked = [Query::Finished, Query::Enqueued];
        let asked = asked.iter().filter(|it| plan.statements.contains_key(it));
        let ledgers: Vec<_> = asked.map(|it| &counting.stream(*it).ledger).collect();
        // Before the first reading nothing is known, not even that nothing happened.
        if ledgers.is_empty() || ledgers.iter().any(|it| it.bound().is_none()) {
            return;
        }
        let none = super::counts::Counts::default();
        for queue in &state.known {
            let counts = counting.counts.get(queue).unwrap_or(&none);
            counts.render(out, self.name, queue, &plan.shape, &self.measures);
        }
        let exact = ledgers.iter().all(|it| it.is_exact());
        let bound = ledgers.iter().filter_map(|it| it.bound()).min();
        let keys: usize = ledgers.iter().map(|it| it.len()).sum();
        out.gauge(&metrics::EXACT, self.labels(), f64::from(exact));
        out.gauge(&metrics::BOUND, self.labels(), bound.map(seconds));
        out.gauge(&metrics::COUNTED_KEYS, self.labels(), keys as f64);
        out.counter(&metrics::COUNTED_LATE, self.labels(), counting.late as f64);
    }

    fn render_plan(&self, out: &mut Snapshot, plan: &Plan) {
        for (key, present) in &plan.shape.present {
            let labels = ColumnLabels { source: self.name.into(), column: (*key).into() };
            out.gauge(&metrics::COLUMN_PRESENT, labels, f64::from(*present));
        }
        let hidden = plan.shape.relation.row_security;
        out.gauge(&metrics::ROW_SECURITY, self.labels(), f64::from(hidden));
        for query in plan.statements.keys().filter(|it| **it != Query::Table) {
            let unindexed = plan.unindexed.contains_key(query);
            out.gauge(&metrics::UNINDEXED, self.query_labels(*query), f64::from(unindexed));
        }
    }

    fn render_table(&self, out: &mut Snapshot, table: Table) {
        out.gauge(&metrics::TABLE_LIVE_ROWS, self.labels(), table.live);
        out.gauge(&metrics::TABLE_DEAD_ROWS, self.labels(), table.dead);
        out.gauge(&metrics::TABLE_SIZE, self.labels(), table.size);
        out.gauge(&metrics::TABLE_LAST_AUTOVACUUM, self.labels(), table.vacuumed);
    }

    fn render_paused(&self, out: &mut Snapshot, state: &State, queues: &BTreeMap<LabelText, bool>) {
        for queue in &state.known {
            let labels = QueueLabels { source: self.name.into(), queue: queue.clone() };
            let paused = queues.get(queue).copied().unwrap_or_default();
            out.gauge(&metrics::PAUSED, labels, f64::from(paused));
        }
    }

    fn render_errors(
        &self,
        out: &mut Snapshot,
        state: &State,
        errors: &BTreeMap<(LabelText, usize), i64>,
    ) {
        for queue in &state.known {
            for (place, class) in self.measures.classes.iter().enumerate() {
                let labels = ErrorLabels {
                    source: self.name.into(),
                    queue: queue.clone(),
                    class: class.clone(),
                };
                let jobs = errors.get(&(queue.clone(), place)).copied().unwrap_or_default();
                out.gauge(&metrics::WINDOW_ERRORS, labels, jobs as f64);
            }
        }
    }

    fn labels(&self) -> SourceLabels {
        SourceLabels { source: self.name.into() }
    }

    fn query_labels(&self, query: Query) -> QueryLabels {
        QueryLabels { source: self.name.into(), query }
    }
}
