//! What an exporter is to the edge that runs it.
