# The commands of the README. Each installs what it needs; without the permission to install, it prints what is missing.

.PHONY: help demo test bench lint drills generate

help:
	@printf '%s\n' \
	  'make demo      a live system to look at; ARGS="--for 60s --stall-after 10s"' \
	  'make test      everything: format, lints, dependencies, unit tests, real servers' \
	  'make bench     exporters beside those that people run today, in one run' \
	  'make drills    faults in the live system, and the pages they cause' \
	  'make lint      format, clippy, dependencies' \
	  'make generate  rules, runbooks, routes and dashboards from their definitions'

demo:
	@scripts/install
	@cargo build --quiet $(patsubst exporters/%/Cargo.toml,--package %,$(wildcard exporters/*/Cargo.toml))
	@cargo run --quiet --package e2e --bin demo -- $(ARGS)

# The whole suite on Debian's PostgreSQL 15 and PgBouncer 1.18; tests that depend on the version also on others.
test:
	scripts/install
	scripts/fetch-postgres 13 16 17 18
	scripts/fetch-redis
	scripts/fetch-pgbouncer 1.24
	scripts/lint
	E2E_POSTGRES=13,15,16,17,18 E2E_PGBOUNCER=1.18,1.24 cargo test --workspace --no-fail-fast

drills:
	scripts/install
	cargo test --package e2e --test 'drills*' -- --nocapture

# Ten million rows take some minutes; ARGS=--quick is a short run, ARGS="--only pool-usage" measures one exporter.
bench:
	scripts/install --bench
	cargo run --quiet --package e2e --bin bench -- $(ARGS)

lint:
	scripts/lint

generate:
	cargo generate
