//! Alerts on the queues whose jobs deliver to another system: mail, messages, web hooks.

use common::metric::LabelText;
use postgres_queue::metrics::{QueueLabels, RUN};
use profiles::{Delivery, Limit, Queues};
use promql::{LabelMatcher, prelude::*};

use super::{
    failing::{errors, failed_share, outcomes},
    queue, runbooks,
};
use crate::{
    alert::{Alert, Severity},
    case::{Series, growing},
};

/// The panels that these alerts link to.
pub mod panels {
    use crate::{panel::PanelKey, queue::DASHBOARD};

    pub const SUCCESS: PanelKey = PanelKey::new(DASHBOARD, "Delivery success");
    pub const TIME: PanelKey = PanelKey::new(DASHBOARD, "Delivery time");
}

/// The alerts on one kind of delivery, for which there are limits.
pub(super) fn alerts(queues: &Queues, delivery: &Delivery) -> impl Iterator<Item = Alert> {
    let failing = delivery.success.map(|limit| undelivered(queues, delivery, limit));
    let slow = delivery.run.map(|limit| delivered_slowly(queues, delivery, limit));
    failing.into_iter().chain(slow)
}

fn undelivered(queues: &Queues, delivery: &Delivery, limit: Limit) -> Alert {
    let window = queues.limits.window;
    let share = Scalar::from(1.0) - failed_share(queues, Some(delivery.queue));
    let most = 1.0 - limit.value;
    Alert {
        name: format!("{}DeliveryFailing", delivery.alert),
        condition: share.lt(limit.value).condition(),
        limit,
        severity: Severity::Warning,
        summary: format!("Too few {} deliveries succeed.", delivery.what),
        description: format!(
            "Only {{{{ $value | humanizePercentage }}}} of {} deliveries succeed on \
             {{{{ $labels.instance }}}}.",
            delivery.what
        ),
        panel: panels::SUCCESS,
        runbook: runbooks::failing(
            queues,
            &format!("{} deliveries", delivery.what),
            errors(window),
        ),
        fires: outcomes(delivery.queue, (most * 1000.0 + 1.0).round()),
        silent: outcomes(delivery.queue, (most * 1000.0 - 1.0).round()),
    }
}

fn delivered_slowly(queues: &Queues, delivery: &Delivery, limit: Limit) -> Alert {
    let window = queues.limits.window;
    let run = || {
        let (sum, count) = (RUN.sum().filter(of(delivery)), RUN.count().filter(of(delivery)));
        sum.rate(window).div_nonzero(count.rate(window))
    };
    let mean = |seconds: f64| {
        vec![
            Series::part(&RUN, "_sum", queue(delivery.queue), growing(seconds)),
            Series::part(&RUN, "_count", queue(delivery.queue), growing(1.0)),
        ]
    };
    Alert {
        name: format!("{}DeliverySlow", delivery.alert),
        condition: run().gt(limit.value).condition(),
        limit,
        severity: Severity::Warning,
        summary: format!("One {} delivery takes too long.", delivery.what),
        description: format!(
            "One {} delivery takes {{{{ $value | humanizeDuration }}}} on average on \
             {{{{ $labels.instance }}}}.",
            delivery.what
        ),
        panel: panels::TIME,
        runbook: runbooks::failing(
            queues,
            &format!("{} deliveries are slow or", delivery.what),
            run(),
        ),
        fires: mean(limit.value + 0.1),
        silent: mean(limit.value),
    }
}

fn of(delivery: &Delivery) -> LabelMatcher<QueueLabels> {
    QueueLabels::queue.eq(LabelText::of(delivery.queue))
}
