//! What an exporter says of itself: build, process, collectors.
