//! Tests of the ledger, one situation each.

use super::*;

const MINUTE: Micros = 60_000_000;

const CONFIG: LedgerConfig = LedgerConfig {
    database_clock: true,
    lookback: 15 * MINUTE,
    skew: 0,
    settle: 0,
    max_keys: 1000,
};

fn transactions(now: Micros) -> OpenTransactions {
    OpenTransactions { now, oldest_start: None, prepared: vec![], all_visible: true }
}

fn row(id: &str, at: Micros) -> Row {
    Row { key: Key::new(id, 0, at), at }
}

fn started(now: Micros) -> Ledger {
    let mut ledger = Ledger::default();
    ledger.advance(&transactions(now), &CONFIG, &[], None);
    ledger
}

#[test]
fn the_first_reading_counts_nothing() {
    let mut ledger = Ledger::default();
    let open = OpenTransactions { oldest_start: Some(900 * MINUTE), ..transactions(901 * MINUTE) };
    assert_eq!(ledger.read_from(&open, &CONFIG), 900 * MINUTE);
    let before = row("1", 900 * MINUTE + 1);
    assert_eq!(ledger.advance(&open, &CONFIG, &[before], None), [false]);
    let late = row("2", 900 * MINUTE);
    assert_eq!(ledger.advance(&open, &CONFIG, &[late, before], None), [true, false]);
}

#[test]
fn an_open_transaction_holds_the_watermark_but_not_the_count() {
    let mut ledger = started(100 * MINUTE);
    for minute in 101..110 {
        let open = OpenTransactions {
            oldest_start: Some(100 * MINUTE + 1),
            ..transactions(minute * MINUTE)
        };
        let row = row(&minute.to_string(), minute * MINUTE - 1);
        assert_eq!(ledger.advance(&open, &CONFIG, &[row], None), [true]);
        assert_eq!(ledger.watermark(), Some(100 * MINUTE + 1));
        assert!(ledger.is_exact());
    }
    assert_eq!(ledger.len(), 9);
}

#[test]
fn the_lookback_limits_how_long_a_transaction_holds_the_watermark() {
    let mut ledger = started(100 * MINUTE);
    let long = OpenTransactions { oldest_start: Some(80 * MINUTE), ..transactions(101 * MINUTE) };
    ledger.advance(&long, &CONFIG, &[], None);
    assert!(!ledger.is_exact());
    let longer = OpenTransactions { oldest_start: Some(80 * MINUTE), ..transactions(200 * MINUTE) };
    ledger.advance(&longer, &CONFIG, &[], None);
    assert_eq!(ledger.watermark(), Some(185 * MINUTE));
    ledger.advance(&transactions(201 * MINUTE), &CONFIG, &[], None);
    assert!(ledger.is_exact(), "the transaction ended");
}

#[test]
fn counting_is_not_exact_when_transactions_are_hidden() {
    let mut ledger = Ledger::default();
    ledger.advance(
        &OpenTransactions { all_visible: false, ..transactions(100 * MINUTE) },
        &CONFIG,
        &[],
        None,
    );
    assert_eq!((ledger.watermark(), ledger.is_exact()), (Some(85 * MINUTE), false));
}

#[test]
fn counting_is_not_exact_by_the_applications_clock() {
    let config = LedgerConfig { database_clock: false, skew: MINUTE, ..CONFIG };
    let mut ledger = Ledger::default();
    ledger.advance(&transactions(100 * MINUTE), &config, &[], None);
    assert_eq!((ledger.watermark(), ledger.is_exact()), (Some(84 * MINUTE), false));
}

#[test]
fn a_prepared_transaction_holds_the_watermark_of_when_it_was_open() {
    let mut ledger = started(100 * MINUTE);
    let open = OpenTransactions { oldest_start: Some(101 * MINUTE), ..transactions(102 * MINUTE) };
    ledger.advance(&open, &CONFIG, &[], None);
    for minute in [103, 105, 107] {
        let prepared =
            OpenTransactions { prepared: vec!["7".to_owned()], ..transactions(minute * MINUTE) };
        ledger.advance(&prepared, &CONFIG, &[], None);
        assert_eq!((ledger.watermark(), ledger.is_exact()), (Some(101 * MINUTE), true));
    }
    assert_eq!(
        ledger.advance(&transactions(108 * MINUTE), &CONFIG, &[row("1", 101 * MINUTE)], None),
        [true]
    );
    assert_eq!(ledger.watermark(), Some(108 * MINUTE));
}

#[test]
fn a_transaction_prepared_before_the_first_reading_may_be_of_any_age() {
    let prepared = |now| OpenTransactions { prepared: vec!["7".to_owned()], ..transactions(now) };
    let mut ledger = Ledger::default();
    ledger.advance(&prepared(100 * MINUTE), &CONFIG, &[], None);
    assert_eq!((ledger.watermark(), ledger.is_exact()), (Some(85 * MINUTE), false));
    ledger.advance(&prepared(101 * MINUTE), &CONFIG, &[], None);
    assert!(!ledger.is_exact());
    ledger.advance(&transactions(102 * MINUTE), &CONFIG, &[], None);
    assert!(ledger.is_exact());
}

#[test]
fn a_long_transaction_that_is_prepared_still_counts_as_old() {
    let mut ledger = started(100 * MINUTE);
    ledger.advance(
        &OpenTransactions { oldest_start: Some(60 * MINUTE), ..transactions(101 * MINUTE) },
        &CONFIG,
        &[],
        None,
    );
    let prepared =
        OpenTransactions { prepared: vec!["7".to_owned()], ..transactions(102 * MINUTE) };
    ledger.advance(&prepared, &CONFIG, &[], None);
    assert!(!ledger.is_exact());
}

#[test]
fn counting_continues_after_the_clock_is_set_back() {
    let mut ledger = started(100 * MINUTE);
    let back = transactions(50 * MINUTE);
    assert_eq!(ledger.read_from(&back, &CONFIG), 50 * MINUTE);
    let old = row("1", 60 * MINUTE);
    assert_eq!(ledger.advance(&back, &CONFIG, &[old], None), [false], "it was counted before");
    assert!(!ledger.is_exact());
    let rows = [row("2", 50 * MINUTE + 1), old];
    assert_eq!(ledger.advance(&transactions(51 * MINUTE), &CONFIG, &rows, None), [true, false]);
    assert!(ledger.is_exact());
}

#[test]
fn rows_beyond_one_reading_are_counted_by_the_next() {
    let mut ledger = started(100 * MINUTE);
    let rows = [row("1", 101 * MINUTE), row("2", 102 * MINUTE)];
    let now = transactions(110 * MINUTE);
    assert_eq!(ledger.advance(&now, &CONFIG, &rows[..1], Some(102 * MINUTE)), [true]);
    assert_eq!((ledger.watermark(), ledger.is_exact()), (Some(102 * MINUTE), true));
    assert_eq!(ledger.advance(&now, &CONFIG, &rows[1..], None), [true]);
}

#[test]
fn an_incomplete_reading_advances_past_a_held_watermark() {
    let mut ledger = started(100 * MINUTE);
    let held = OpenTransactions { oldest_start: Some(100 * MINUTE), ..transactions(110 * MINUTE) };
    ledger.advance(&held, &CONFIG, &[row("1", 101 * MINUTE)], Some(102 * MINUTE));
    assert_eq!((ledger.watermark(), ledger.is_exact()), (Some(102 * MINUTE), false));
}

#[test]
fn too_many_keys_are_dropped_and_counting_is_not_exact() {
    let mut ledger = started(100 * MINUTE);
    let config = LedgerConfig { max_keys: 10, ..CONFIG };
    let rows: Vec<_> = (1..=20).map(|it| row(&it.to_string(), 100 * MINUTE + it)).collect();
    let held = OpenTransactions { oldest_start: Some(100 * MINUTE), ..transactions(101 * MINUTE) };
    assert_eq!(ledger.advance(&held, &config, &rows, None), [true; 20]);
    assert_eq!((ledger.len(), ledger.is_exact()), (5, false));
    let again: Vec<_> =
        rows.into_iter().filter(|it| it.at >= ledger.watermark().unwrap()).collect();
    assert_eq!(ledger.advance(&held, &config, &again, None), [false; 5]);
}
