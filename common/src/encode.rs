//! Snapshots as text: OpenMetrics 1.0 and the classic format 0.0.4, chosen by `Accept`.
