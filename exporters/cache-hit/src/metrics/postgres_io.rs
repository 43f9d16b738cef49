//! Metrics of the server: checkpoints, background writer, log, I/O by kind of process.

use common::metric::{Counter, Gauge, LabelText};

common::label_values! {
    /// Why a checkpoint began.
    pub enum Trigger {
        /// `checkpoint_timeout` had passed.
        Timed = "timed",
        /// `max_wal_size` was written, or a `CHECKPOINT` was run.
        Requested = "requested",
    }
}

common::labels! {
    /// Checkpoints of one kind.
    pub struct CheckpointLabels {
        trigger: Trigger,
    }
}

common::labels! {
    /// One of the small caches of the server, such as that of transactions' outcomes.
    pub struct SlruLabels {
        /// Its name, as PostgreSQL 17 spells it.
        name: LabelText,
    }
}

common::labels! {
    /// One row of `pg_stat_io`.
    pub struct IoLabels {
        /// The kind of process: `client backend`, `checkpointer`, `autovacuum worker`, …
        backend_type: LabelText,
        /// The kind of object: `relation`, `temp relation`, `wal`.
        object: LabelText,
        /// The kind of access: `normal`, `vacuum`, `bulkread`, `bulkwrite`, `init`.
        context: LabelText,
    }
}

common::catalog! {
    // Checkpoints: the same names in both layouts of the server's views, before and from PostgreSQL 17.

    /// Checkpoints by cause; many requested ones mean that max_wal_size is small for the amount of
    /// writing
    pub static CHECKPOINTS: Counter<CheckpointLabels> = "cache_checkpoints_total";
    /// Checkpoints that were carried out, not skipped because nothing had been written; absent
    /// before PostgreSQL 18
    pub static CHECKPOINTS_DONE: Counter = "cache_checkpoints_done_total";
    /// Time that checkpoints and restartpoints spent writing files, their pauses included
    pub static CHECKPOINT_WRITE_SECONDS: Counter = "cache_checkpoint_write_seconds_total";
    /// Time that checkpoints and restartpoints spent syncing files to disk
    pub static CHECKPOINT_SYNC_SECONDS: Counter = "cache_checkpoint_sync_seconds_total";
    /// Blocks that checkpoints and restartpoints wrote
    pub static CHECKPOINT_BUFFERS: Counter = "cache_checkpoint_buffers_written_total";
    /// Restartpoints of a standby by cause; absent before PostgreSQL 17
    pub static RESTARTPOINTS: Counter<CheckpointLabels> = "cache_restartpoints_total";
    /// Restartpoints of a standby that were carried out; absent before PostgreSQL 17
    pub static RESTARTPOINTS_DONE: Counter = "cache_restartpoints_done_total";

    // The background writer.

    /// Blocks that the background writer wrote
    pub static BUFFERS_CLEAN: Counter = "pg_stat_bgwriter_buffers_clean_total";
    /// Times that the background writer stopped because it had written bgwriter_lru_maxpages
    pub static MAXWRITTEN_CLEAN: Counter = "pg_stat_bgwriter_maxwritten_clean_total";
    /// Buffers that were allocated in the server's own cache
    pub static BUFFERS_ALLOC: Counter = "pg_stat_bgwriter_buffers_alloc_total";
    /// Blocks that sessions had to write themselves; absent from PostgreSQL 17, see
    /// cache_io_writes_total
    pub static BUFFERS_BACKEND: Counter = "pg_stat_bgwriter_buffers_backend_total";
    /// Times that a session had to call fsync itself; absent from PostgreSQL 17, see
    /// cache_io_fsyncs_total
    pub static BUFFERS_BACKEND_FSYNC: Counter = "pg_stat_bgwriter_buffers_backend_fsync_total";

    // The log.

    /// Position in the log: bytes written to it since the cluster was made; on a standby, bytes
    /// replayed
    pub static WAL_WRITTEN: Counter = "cache_wal_written_bytes_total";
    /// Size of the log's records; absent before PostgreSQL 14
    pub static WAL_GENERATED: Counter = "cache_wal_generated_bytes_total";
    /// Records written to the log; absent before PostgreSQL 14
    pub static WAL_RECORDS: Counter = "cache_wal_records_total";
    /// Whole pages written to the log because they changed for the first time after a checkpoint;
    /// absent before PostgreSQL 14
    pub static WAL_FULL_PAGE_IMAGES: Counter = "cache_wal_full_page_images_total";
    /// Times that the log was written because wal_buffers was full; absent before PostgreSQL 14
    pub static WAL_BUFFERS_FULL: Counter = "cache_wal_buffers_full_total";
    /// Writes of the log to its files; absent before PostgreSQL 14
    pub static WAL_WRITES: Counter = "cache_wal_writes_total";
    /// Times that the log was synced to disk; absent before PostgreSQL 14
    pub static WAL_SYNCS: Counter = "cache_wal_syncs_total";
    /// Time spent writing the log; absent before PostgreSQL 14, and without track_wal_io_timing
    pub static WAL_WRITE_SECONDS: Counter = "cache_wal_write_seconds_total";
    /// Time spent syncing the log to disk; absent before PostgreSQL 14, and without
    /// track_wal_io_timing
    pub static WAL_SYNC_SECONDS: Counter = "cache_wal_sync_seconds_total";
    /// Files of the log that are kept; a background reading, absent without pg_monitor
    pub static WAL_SEGMENTS: Gauge = "pg_wal_segments";
    /// Size of the log's files that are kept; a background reading, absent without pg_monitor
    pub static WAL_SIZE: Gauge = "pg_wal_size_bytes";

    // I/O by kind of process, object and access: pg_stat_io. A row of zeros is left out.

    /// Reads asked of the operating system; absent before PostgreSQL 16
    pub static IO_READS: Counter<IoLabels> = "cache_io_reads_total";
    /// Reads asked of the operating system, by size; absent before PostgreSQL 16
    pub static IO_READ_BYTES: Counter<IoLabels> = "cache_io_read_bytes_total";
    /// Reads asked of the operating system, by time; absent before PostgreSQL 16, and without
    /// track_io_timing (of the log: track_wal_io_timing)
    pub static IO_READ_SECONDS: Counter<IoLabels> = "cache_io_read_seconds_total";
    /// Writes handed to the operating system; absent before PostgreSQL 16
    pub static IO_WRITES: Counter<IoLabels> = "cache_io_writes_total";
    /// Writes handed to the operating system, by size; absent before PostgreSQL 16
    pub static IO_WRITE_BYTES: Counter<IoLabels> = "cache_io_write_bytes_total";
    /// Writes handed to the operating system, by time; absent before PostgreSQL 16, and without
    /// track_io_timing (of the log: track_wal_io_timing)
    pub static IO_WRITE_SECONDS: Counter<IoLabels> = "cache_io_write_seconds_total";
    /// Times that a file was extended; absent before PostgreSQL 16
    pub static IO_EXTENDS: Counter<IoLabels> = "cache_io_extends_total";
    /// Times that a file was extended, by size; absent before PostgreSQL 16
    pub static IO_EXTEND_BYTES: Counter<IoLabels> = "cache_io_extend_bytes_total";
    /// Times that a file was extended, by time; absent before PostgreSQL 16, and without
    /// track_io_timing (of the log: track_wal_io_timing)
    pub static IO_EXTEND_SECONDS: Counter<IoLabels> = "cache_io_extend_seconds_total";
    /// Blocks that the operating system was asked to write to disk soon; absent before PostgreSQL
    /// 16
    pub static IO_WRITEBACKS: Counter<IoLabels> = "cache_io_writebacks_total";
    /// Time spent asking the operating system to write soon; absent before PostgreSQL 16, and
    /// without track_io_timing
    pub static IO_WRITEBACK_SECONDS: Counter<IoLabels> = "cache_io_writeback_seconds_total";
    /// Calls of fsync; absent before PostgreSQL 16
    pub static IO_FSYNCS: Counter<IoLabels> = "cache_io_fsyncs_total";
    /// Time spent in fsync; absent before PostgreSQL 16, and without track_io_timing (of the log:
    /// track_wal_io_timing)
    pub static IO_FSYNC_SECONDS: Counter<IoLabels> = "cache_io_fsync_seconds_total";
    /// Blocks found in the server's own cache; absent before PostgreSQL 16
    pub static IO_HITS: Counter<IoLabels> = "cache_io_hits_total";
    /// Blocks that were evicted from the server's own cache to make room; absent before PostgreSQL
    /// 16
    pub static IO_EVICTIONS: Counter<IoLabels> = "cache_io_evictions_total";
    /// Times that a bulk operation reused a buffer of its ring; absent before PostgreSQL 16
    pub static IO_REUSES: Counter<IoLabels> = "cache_io_reuses_total";

    // Small caches.

    /// Pages of the small cache that were found in memory
    pub static SLRU_HIT: Counter<SlruLabels> = "cache_slru_blocks_hit_total";
    /// Pages of the small cache that were read from disk
    pub static SLRU_READ: Counter<SlruLabels> = "cache_slru_blocks_read_total";
    /// Pages of the small cache that were written to disk
    pub static SLRU_WRITTEN: Counter<SlruLabels> = "cache_slru_blocks_written_total";
    /// Pages of the small cache that were zeroed when they were created
    pub static SLRU_ZEROED: Counter<SlruLabels> = "cache_slru_blocks_zeroed_total";
    /// Times that the small cache was written to disk as a whole
    pub static SLRU_FLUSHES: Counter<SlruLabels> = "cache_slru_flushes_total";
    /// Times that old pages of the small cache were truncated
    pub static SLRU_TRUNCATES: Counter<SlruLabels> = "cache_slru_truncates_total";
}
