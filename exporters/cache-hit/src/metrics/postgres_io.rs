//! The server as a whole: checkpoints, background writer, log, and who reads and writes what.

use common::metric::{Counter, Gauge, Metric, Text, Unit};

common::label_values! {
    /// Why a checkpoint began.
    pub enum Trigger {
        /// `checkpoint_timeout` had passed.
        Timed = "timed",
        /// `max_wal_size` was written, or somebody asked.
        Requested = "requested",
    }
}

common::labels! {
    /// Checkpoints of one kind.
    pub struct CheckpointLabels {
        /// Why they began.
        trigger: Trigger,
    }
}

common::labels! {
    /// One of the small caches of the server, such as that of transactions' outcomes.
    pub struct SlruLabels {
        /// Its name, as PostgreSQL 17 spells it.
        name: Text,
    }
}

common::labels! {
    /// One row of `pg_stat_io`.
    pub struct IoLabels {
        /// Who: `client backend`, `checkpointer`, `autovacuum worker`, …
        backend_type: Text,
        /// What: `relation`, `temp relation`, `wal`.
        object: Text,
        /// In which manner: `normal`, `vacuum`, `bulkread`, `bulkwrite`, `init`.
        context: Text,
    }
}

common::catalog! {
    // Checkpoints: the same names in both layouts of the server's views, before and from PostgreSQL 17.

    /// How often, and why.
    pub static CHECKPOINTS: Metric<Counter, CheckpointLabels> = Metric::counter(
        "cache_checkpoints_total",
        Unit::None,
        "Checkpoints by what began them; many requested ones mean that max_wal_size is small for what is written",
    );
    /// How many had anything to do.
    pub static CHECKPOINTS_DONE: Metric<Counter, ()> = Metric::counter(
        "cache_checkpoints_done_total",
        Unit::None,
        "Checkpoints that were carried out and not skipped for want of writes; absent before PostgreSQL 18",
    );
    /// How long writing took.
    pub static CHECKPOINT_WRITE_SECONDS: Metric<Counter, ()> = Metric::counter(
        "cache_checkpoint_write_seconds_total",
        Unit::Seconds,
        "Time that checkpoints and restartpoints spent writing files, their pauses included",
    );
    /// How long syncing took.
    pub static CHECKPOINT_SYNC_SECONDS: Metric<Counter, ()> = Metric::counter(
        "cache_checkpoint_sync_seconds_total",
        Unit::Seconds,
        "Time that checkpoints and restartpoints spent bringing files to disk",
    );
    /// How much.
    pub static CHECKPOINT_BUFFERS: Metric<Counter, ()> = Metric::counter(
        "cache_checkpoint_buffers_written_total",
        Unit::None,
        "Blocks that checkpoints and restartpoints wrote",
    );
    /// The same on a standby.
    pub static RESTARTPOINTS: Metric<Counter, CheckpointLabels> = Metric::counter(
        "cache_restartpoints_total",
        Unit::None,
        "Restartpoints of a standby by what began them; absent before PostgreSQL 17",
    );
    /// How many were carried out.
    pub static RESTARTPOINTS_DONE: Metric<Counter, ()> = Metric::counter(
        "cache_restartpoints_done_total",
        Unit::None,
        "Restartpoints of a standby that were carried out; absent before PostgreSQL 17",
    );
    // The background writer.

    /// What it wrote.
    pub static BUFFERS_CLEAN: Metric<Counter, ()> = Metric::counter(
        "pg_stat_bgwriter_buffers_clean_total",
        Unit::None,
        "Blocks that the background writer wrote",
    );
    /// How often it had to stop.
    pub static MAXWRITTEN_CLEAN: Metric<Counter, ()> = Metric::counter(
        "pg_stat_bgwriter_maxwritten_clean_total",
        Unit::None,
        "Times that the background writer stopped because it had written bgwriter_lru_maxpages",
    );
    /// Places given.
    pub static BUFFERS_ALLOC: Metric<Counter, ()> = Metric::counter(
        "pg_stat_bgwriter_buffers_alloc_total",
        Unit::None,
        "Places of the server's own cache that were given to another block",
    );
    /// What sessions wrote themselves.
    pub static BUFFERS_BACKEND: Metric<Counter, ()> = Metric::counter(
        "pg_stat_bgwriter_buffers_backend_total",
        Unit::None,
        "Blocks that sessions had to write themselves; absent from PostgreSQL 17, see cache_io_writes_total",
    );
    /// What sessions synced themselves.
    pub static BUFFERS_BACKEND_FSYNC: Metric<Counter, ()> = Metric::counter(
        "pg_stat_bgwriter_buffers_backend_fsync_total",
        Unit::None,
        "Times that a session had to call fsync itself; absent from PostgreSQL 17, see cache_io_fsyncs_total",
    );
    // The log.

    /// How far it has come.
    pub static WAL_WRITTEN: Metric<Counter, ()> = Metric::counter(
        "cache_wal_written_bytes_total",
        Unit::Bytes,
        "Position in the log: bytes written to it since the cluster was made; on a standby, bytes replayed",
    );
    /// How much records took.
    pub static WAL_GENERATED: Metric<Counter, ()> = Metric::counter(
        "cache_wal_generated_bytes_total",
        Unit::Bytes,
        "Size of the log's records; absent before PostgreSQL 14",
    );
    /// Records.
    pub static WAL_RECORDS: Metric<Counter, ()> = Metric::counter(
        "cache_wal_records_total",
        Unit::None,
        "Records written to the log; absent before PostgreSQL 14",
    );
    /// Whole pages.
    pub static WAL_FULL_PAGE_IMAGES: Metric<Counter, ()> = Metric::counter(
        "cache_wal_full_page_images_total",
        Unit::None,
        "Whole pages written to the log because they changed for the first time after a checkpoint; absent before PostgreSQL 14",
    );
    /// Sessions that had to write it.
    pub static WAL_BUFFERS_FULL: Metric<Counter, ()> = Metric::counter(
        "cache_wal_buffers_full_total",
        Unit::None,
        "Times that the log was written because wal_buffers was full; absent before PostgreSQL 14",
    );
    /// Writes.
    pub static WAL_WRITES: Metric<Counter, ()> = Metric::counter(
        "cache_wal_writes_total",
        Unit::None,
        "Writes of the log to its files; absent before PostgreSQL 14",
    );
    /// Syncs.
    pub static WAL_SYNCS: Metric<Counter, ()> = Metric::counter(
        "cache_wal_syncs_total",
        Unit::None,
        "Times that the log was brought to disk; absent before PostgreSQL 14",
    );
    /// Their time.
    pub static WAL_WRITE_SECONDS: Metric<Counter, ()> = Metric::counter(
        "cache_wal_write_seconds_total",
        Unit::Seconds,
        "Time spent writing the log; absent before PostgreSQL 14, and without track_wal_io_timing",
    );
    /// Their time.
    pub static WAL_SYNC_SECONDS: Metric<Counter, ()> = Metric::counter(
        "cache_wal_sync_seconds_total",
        Unit::Seconds,
        "Time spent bringing the log to disk; absent before PostgreSQL 14, and without track_wal_io_timing",
    );
    /// Files of it.
    pub static WAL_SEGMENTS: Metric<Gauge, ()> = Metric::gauge(
        "pg_wal_segments",
        Unit::None,
        "Files of the log that are kept; a background reading, absent without pg_monitor",
    );
    /// Their size.
    pub static WAL_SIZE: Metric<Gauge, ()> = Metric::gauge(
        "pg_wal_size_bytes",
        Unit::Bytes,
        "Size of the log's files that are kept; a background reading, absent without pg_monitor",
    );
    // Who reads and writes what: pg_stat_io. A row in which nothing ever happened is left out.

    /// Reads.
    pub static IO_READS: Metric<Counter, IoLabels> = Metric::counter(
        "cache_io_reads_total",
        Unit::None,
        "Reads asked of the operating system; absent before PostgreSQL 16",
    );
    /// Reads by size.
    pub static IO_READ_BYTES: Metric<Counter, IoLabels> = Metric::counter(
        "cache_io_read_bytes_total",
        Unit::Bytes,
        "Reads asked of the operating system, by size; absent before PostgreSQL 16",
    );
    /// Reads by time.
    pub static IO_READ_SECONDS: Metric<Counter, IoLabels> = Metric::counter(
        "cache_io_read_seconds_total",
        Unit::Seconds,
        "Reads asked of the operating system, by time; absent before PostgreSQL 16, and without track_io_timing (of the log: track_wal_io_timing)",
    );
    /// Writes.
    pub static IO_WRITES: Metric<Counter, IoLabels> = Metric::counter(
        "cache_io_writes_total",
        Unit::None,
        "Writes handed to the operating system; absent before PostgreSQL 16",
    );
    /// Writes by size.
    pub static IO_WRITE_BYTES: Metric<Counter, IoLabels> = Metric::counter(
        "cache_io_write_bytes_total",
        Unit::Bytes,
        "Writes handed to the operating system, by size; absent before PostgreSQL 16",
    );
    /// Writes by time.
    pub static IO_WRITE_SECONDS: Metric<Counter, IoLabels> = Metric::counter(
        "cache_io_write_seconds_total",
        Unit::Seconds,
        "Writes handed to the operating system, by time; absent before PostgreSQL 16, and without track_io_timing (of the log: track_wal_io_timing)",
    );
    /// Growth.
    pub static IO_EXTENDS: Metric<Counter, IoLabels> = Metric::counter(
        "cache_io_extends_total",
        Unit::None,
        "Times that a file was made longer; absent before PostgreSQL 16",
    );
    /// Growth by size.
    pub static IO_EXTEND_BYTES: Metric<Counter, IoLabels> = Metric::counter(
        "cache_io_extend_bytes_total",
        Unit::Bytes,
        "Times that a file was made longer, by size; absent before PostgreSQL 16",
    );
    /// Growth by time.
    pub static IO_EXTEND_SECONDS: Metric<Counter, IoLabels> = Metric::counter(
        "cache_io_extend_seconds_total",
        Unit::Seconds,
        "Times that a file was made longer, by time; absent before PostgreSQL 16, and without track_io_timing (of the log: track_wal_io_timing)",
    );
    /// Requests to write soon.
    pub static IO_WRITEBACKS: Metric<Counter, IoLabels> = Metric::counter(
        "cache_io_writebacks_total",
        Unit::None,
        "Blocks that the operating system was asked to write to disk soon; absent before PostgreSQL 16",
    );
    /// Their time.
    pub static IO_WRITEBACK_SECONDS: Metric<Counter, IoLabels> = Metric::counter(
        "cache_io_writeback_seconds_total",
        Unit::Seconds,
        "Time spent asking the operating system to write soon; absent before PostgreSQL 16, and without track_io_timing",
    );
    /// Requests to write now.
    pub static IO_FSYNCS: Metric<Counter, IoLabels> = Metric::counter(
        "cache_io_fsyncs_total",
        Unit::None,
        "Calls of fsync; absent before PostgreSQL 16",
    );
    /// Their time.
    pub static IO_FSYNC_SECONDS: Metric<Counter, IoLabels> = Metric::counter(
        "cache_io_fsync_seconds_total",
        Unit::Seconds,
        "Time spent in fsync; absent before PostgreSQL 16, and without track_io_timing (of the log: track_wal_io_timing)",
    );
    /// Found in memory.
    pub static IO_HITS: Metric<Counter, IoLabels> = Metric::counter(
        "cache_io_hits_total",
        Unit::None,
        "Blocks found in the server's own cache; absent before PostgreSQL 16",
    );
    /// Pushed out.
    pub static IO_EVICTIONS: Metric<Counter, IoLabels> = Metric::counter(
        "cache_io_evictions_total",
        Unit::None,
        "Blocks that were pushed out of the server's own cache to make place; absent before PostgreSQL 16",
    );
    /// Places taken again.
    pub static IO_REUSES: Metric<Counter, IoLabels> = Metric::counter(
        "cache_io_reuses_total",
        Unit::None,
        "Times that a bulk operation took a place of its own ring again; absent before PostgreSQL 16",
    );
    // Small caches.

    /// Found in memory.
    pub static SLRU_HIT: Metric<Counter, SlruLabels> = Metric::counter(
        "cache_slru_blocks_hit_total",
        Unit::None,
        "Pages of the small cache that were found in memory",
    );
    /// Read.
    pub static SLRU_READ: Metric<Counter, SlruLabels> = Metric::counter(
        "cache_slru_blocks_read_total",
        Unit::None,
        "Pages of the small cache that were read from disk",
    );
    /// Written.
    pub static SLRU_WRITTEN: Metric<Counter, SlruLabels> = Metric::counter(
        "cache_slru_blocks_written_total",
        Unit::None,
        "Pages of the small cache that were written to disk",
    );
    /// Begun.
    pub static SLRU_ZEROED: Metric<Counter, SlruLabels> = Metric::counter(
        "cache_slru_blocks_zeroed_total",
        Unit::None,
        "Pages of the small cache that were begun",
    );
    /// Flushed.
    pub static SLRU_FLUSHES: Metric<Counter, SlruLabels> = Metric::counter(
        "cache_slru_flushes_total",
        Unit::None,
        "Times that the small cache was written to disk as a whole",
    );
    /// Cut.
    pub static SLRU_TRUNCATES: Metric<Counter, SlruLabels> = Metric::counter(
        "cache_slru_truncates_total",
        Unit::None,
        "Times that old pages of the small cache were given up",
    );
}
