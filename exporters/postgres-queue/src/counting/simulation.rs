//! The ledger against random writers: what it counts is compared with the rows that were visible.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::{Key, Ledger, LedgerConfig, Micros, OpenTransactions, Row};

/// Transactions begin, write and end at even times; scrapes read at odd times.
#[derive(Clone, Debug)]
struct Transaction {
    begins: Micros,
    /// How long it is open before it ends or is prepared.
    open_for: Micros,
    prepared_for: Option<Micros>,
    commits: bool,
    writes: Vec<Write>,
}

#[derive(Clone, Debug)]
struct Write {
    id: u8,
    /// `None` deletes the row, or clears its outcome for another attempt.
    outcome: Option<u8>,
    /// When it is stamped, in tenths of the time that the transaction is open: 0 is `now()`.
    tenth: Micros,
    /// The error of the writer's clock.
    skew: Micros,
}

impl Transaction {
    fn closes(&self) -> Micros {
        self.begins + self.open_for
    }

    fn ends(&self) -> Micros {
        self.closes() + self.prepared_for.unwrap_or(0)
    }

    fn stamp(&self, write: &Write) -> Micros {
        self.begins + self.open_for * write.tenth / 10 + write.skew
    }
}

/// The two steps of a reading, the second `between` after the first.
#[derive(Clone, Debug)]
struct Scrape {
    gap: Micros,
    between: Micros,
    /// Whether the answer arrives.
    arrives: bool,
}

type Event = (u8, u8, Micros);

/// The rows with an outcome, as a snapshot at `at` sees them.
fn visible(transactions: &[Transaction], at: Micros) -> BTreeSet<Event> {
    let mut committed: Vec<_> =
        transactions.iter().filter(|it| it.commits && it.ends() < at).collect();
    committed.sort_by_key(|it| it.ends());
    let mut rows = BTreeMap::new();
    for transaction in committed {
        for write in &transaction.writes {
            rows.insert(write.id, write.outcome.map(|it| (it, transaction.stamp(write))));
        }
    }
    rows.into_iter().filter_map(|(id, row)| row.map(|(it, at)| (id, it, at))).collect()
}

fn open_transactions(transactions: &[Transaction], now: Micros) -> OpenTransactions {
    let open = transactions.iter().filter(|it| it.begins < now && now < it.closes());
    let prepared = transactions
        .iter()
        .enumerate()
        .filter(|(_, it)| it.prepared_for.is_some() && it.closes() < now && now < it.ends());
    OpenTransactions {
        now,
        oldest_start: open.map(|it| it.begins).min(),
        prepared: prepared.map(|(id, _)| id.to_string()).collect(),
        all_visible: true,
    }
}

struct Run {
    counted: Vec<Event>,
    /// Visible to a scrape that arrived, and not to the first one.
    seen: BTreeSet<Event>,
    always_exact: bool,
    most_keys: usize,
}

/// Runs the scrapes, and checks that the ledger survives the state file.
fn run(
    transactions: &[Transaction],
    scrapes: &[Scrape],
    config: &LedgerConfig,
    page: usize,
) -> Run {
    let mut ledger = Ledger::default();
    let mut run = Run { counted: vec![], seen: BTreeSet::new(), always_exact: true, most_keys: 0 };
    let mut baseline: Option<BTreeSet<Event>> = None;
    let mut now = 1;
    for scrape in scrapes {
        now += 2 * scrape.gap;
        let open = open_transactions(transactions, now);
        now += 2 * scrape.between;
        if !scrape.arrives {
            continue;
        }
        let rows = visible(transactions, now);
        let from = ledger.read_from(&open, config);
        let mut events: Vec<_> = rows.iter().copied().filter(|(_, _, at)| *at >= from).collect();
        events.sort_by_key(|(_, _, at)| *at);
        // A page ends between two stamps, or it grows.
        let cut = events.get(page).map(|(_, _, at)| *at);
        let cut = cut.filter(|at| *at > from);
        if let Some(cut) = cut {
            events.retain(|(_, _, at)| *at < cut);
        }
        let stamped: Vec<_> = events
            .iter()
            .map(|&(id, outcome, at)| Row { key: Key::new(&id.to_string(), outcome, at), at })
            .collect();
        let counts = ledger.advance(&open, config, &stamped, cut);
        let fresh = events.iter().zip(counts).filter(|(_, counts)| *counts);
        run.counted.extend(fresh.map(|(event, _)| *event));
        run.always_exact &= ledger.is_exact();
        run.most_keys = run.most_keys.max(ledger.len());
        match &baseline {
            // Rows that the first page left out are not in the baseline: the next reading counts them.
            None => {
                let in_page = |at| cut.is_none_or(|cut| at < cut);
                baseline = Some(rows.into_iter().filter(|&(_, _, at)| in_page(at)).collect());
            }
            Some(before) => run.seen.extend(rows.difference(before)),
        }
        let saved = serde_json::to_string(&ledger).unwrap();
        assert_eq!(serde_json::from_str::<Ledger>(&saved).unwrap(), ledger);
    }
    run
}

const EXACT: LedgerConfig = LedgerConfig {
    database_clock: true,
    lookback: 1 << 40,
    skew: 0,
    settle: 0,
    max_keys: usize::MAX,
};

fn write(skew: Micros) -> impl Strategy<Value = Write> {
    (0u8..40, prop::option::weighted(0.8, 0u8..3), 0i64..=10, -skew..=skew)
        .prop_map(|(id, outcome, tenth, skew)| Write { id, outcome, tenth, skew })
}

fn transactions(skew: Micros, longest: Micros) -> impl Strategy<Value = Vec<Transaction>> {
    let transaction = (
        0i64..1000,
        prop_oneof![4 => 1i64..20, 1 => 1..longest],
        prop::option::weighted(0.1, 1i64..300),
        prop::bool::weighted(0.9),
        prop::collection::vec(write(skew), 0..4),
    );
    let transaction =
        transaction.prop_map(|(begins, open_for, prepared_for, commits, writes)| Transaction {
            begins: 2 * begins,
            open_for: 2 * open_for,
            prepared_for: prepared_for.map(|it| 2 * it),
            commits,
            writes,
        });
    prop::collection::vec(transaction, 1..60)
}

fn scrapes() -> impl Strategy<Value = Vec<Scrape>> {
    let scrape = (1i64..60, 1i64..20, prop::bool::weighted(0.85))
        .prop_map(|(gap, between, arrives)| Scrape { gap, between, arrives });
    prop::collection::vec(scrape, 2..60)
}

fn without_prepared(transactions: &mut [Transaction]) {
    for it in transactions {
        it.prepared_for = None;
    }
}

/// When the first scrape that arrives reads the open transactions.
fn first_look(scrapes: &[Scrape]) -> Micros {
    let missed = scrapes.iter().take_while(|it| !it.arrives);
    let missed: Micros = missed.map(|it| 2 * (it.gap + it.between)).sum();
    let first = scrapes.iter().find(|it| it.arrives).map_or(0, |it| 2 * it.gap);
    1 + missed + first
}

fn counted_once(run: &Run) -> Result<BTreeSet<Event>, TestCaseError> {
    let counted: BTreeSet<_> = run.counted.iter().copied().collect();
    prop_assert_eq!(counted.len(), run.counted.len(), "counted twice");
    Ok(counted)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn each_event_is_counted_exactly_once(
        mut transactions in transactions(0, 600), scrapes in scrapes(),
    ) {
        // A transaction prepared before the first scrape may have stamped rows at any time; the
        // ledger is then not exact, which has a separate test.
        let first = first_look(&scrapes);
        for it in transactions.iter_mut().filter(|it| it.closes() < first && first < it.ends()) {
            it.prepared_for = None;
        }
        let run = run(&transactions, &scrapes, &EXACT, usize::MAX);
        prop_assert!(run.always_exact);
        prop_assert_eq!(counted_once(&run)?, run.seen);
    }

    #[test]
    fn pages_lose_nothing_while_no_transaction_holds_the_watermark(
        mut transactions in transactions(0, 20), scrapes in scrapes(), page in 5usize..20,
    ) {
        without_prepared(&mut transactions);
        let mut scrapes = scrapes;
        // Time to catch up in.
        scrapes.extend(vec![Scrape { gap: 30, between: 1, arrives: true }; 80]);
        let run = run(&transactions, &scrapes, &EXACT, page);
        if run.always_exact {
            let counted = counted_once(&run)?;
            let last: Micros = scrapes.iter().map(|it| 2 * (it.gap + it.between)).sum();
            // A row that was overwritten before its page was read cannot be counted.
            let there = visible(&transactions, last + 1);
            let kept: BTreeSet<_> = run.seen.intersection(&there).copied().collect();
            prop_assert!(kept.is_subset(&counted));
            prop_assert!(counted.is_subset(&run.seen));
        }
    }

    #[test]
    fn rows_committed_within_the_lookback_are_counted(
        mut transactions in transactions(40, 100), scrapes in scrapes(), seen in any::<bool>(),
    ) {
        without_prepared(&mut transactions);
        let config = LedgerConfig { database_clock: !seen, lookback: 200, skew: 40, ..EXACT };
        let config = if seen { config } else { LedgerConfig { lookback: 240, ..config } };
        let mut scrapes = scrapes;
        for it in &mut scrapes {
            it.arrives = true;
        }
        if config.database_clock {
            for it in transactions.iter_mut().flat_map(|it| &mut it.writes) {
                it.skew = 0;
            }
        }
        let run = run(&transactions, &scrapes, &config, usize::MAX);
        // The watermark that a scrape reads from is one scrape old, so only the lookback decides.
        prop_assert_eq!(counted_once(&run)?, run.seen);
        prop_assert_eq!(run.always_exact && config.database_clock, run.always_exact);
    }

    #[test]
    fn the_number_of_keys_is_bounded(
        transactions in transactions(0, 600), scrapes in scrapes(), max_keys in 2usize..20,
    ) {
        let run = run(&transactions, &scrapes, &LedgerConfig { max_keys, ..EXACT }, usize::MAX);
        counted_once(&run)?;
        prop_assert!(run.most_keys <= max_keys);
    }
}
