# Two commands set everything up on a machine with Go and make: `make demo` and `make test`.
#
#   build   the binary, ./drydock
#   demo    build, then maintain a simulated cluster before your eyes: seconds, no root, no network (ARGS='--fault help' lists what can go wrong)
#   demo-rig  the same on real machines that reboot and a real control plane (Linux and root; says so elsewhere)
#   test    all tests that need no root
#   faults  the suite of faults: F01 to F55, death after every record (EVERY=N: of the shipped maintenance each N-th), and SEEDS (200) runs with
#           random faults; SEED=S: those from seed S on and nothing else, so that SEED=S SEEDS=1 is one that failed, once more
#   check   formatting, vet, staticcheck, go.mod, the rules of the house
#   fuzz    each fuzz target for FUZZTIME (20s; before a release: make fuzz FUZZTIME=5m)
#   parity  compare with the recorded answers of real Ansible (CASES=DIR, JINJA=FILE: others than ours; RECORD=1: record ours anew, with
#           the ansible-playbook on PATH)
#   e2e     the promise on real machines and a real control plane (Linux and root; about 20 minutes, 10 more the first time)
#   bench   measure, print and write BENCHMARKS.md
#   docs    write the pages of the modules from their declarations, and what is said of mistakes

export CGO_ENABLED := 0
# The same flags everywhere, so that every target and the IDE share one build cache.
GO       ?= go
VERSION  ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo 0.1.0-dev)
LDFLAGS  := -s -w -X main.version=$(VERSION)
FUZZTIME ?= 20s
STATICCHECK := honnef.co/go/tools/cmd/staticcheck@v0.8.2

.PHONY: build demo demo-rig test faults check fuzz parity e2e bench docs
.DEFAULT_GOAL := build

build:
	$(GO) build -ldflags '$(LDFLAGS)' -o drydock ./cmd/drydock

ARGS ?=

demo: build
	@./drydock demo $(ARGS)

demo-rig: build
	@testdata/rig/demo.sh ./drydock

test:
	$(GO) test ./...

SEED  ?= 1
SEEDS ?= 200
EVERY ?= 1

faults:
	GOGC=400 $(GO) test ./faults -count=1 -timeout 12h -parallel 4 $(if $(filter command line,$(origin SEED)),-run TestSeeds) -args -whole -seed $(SEED) -seeds $(SEEDS) -every $(EVERY)

check:
	@out=$$(gofmt -l $$(git ls-files '*.go')); if [ -n "$$out" ]; then echo "gofmt -w $$out"; exit 1; fi
	$(GO) vet ./...
	$(GO) vet -tags e2e,bench ./...
	$(GO) run $(STATICCHECK) ./...
	$(GO) mod tidy -diff
	$(GO) test -count=1 .

fuzz:
	@for dir in $$(grep -rl --include='*_test.go' '^func Fuzz' . | xargs -n1 dirname | sort -u); do \
		for f in $$(cat $$dir/*_test.go | grep -oE '^func Fuzz[A-Za-z0-9_]*' | cut -c6-); do \
			$(GO) test $$dir -run '^$$' -fuzz "^$$f\$$" -fuzztime $(FUZZTIME) || exit 1; \
		done; \
	done

CASES  ?= testdata/parity/cases
JINJA  ?= testdata/parity/jinja.json
RECORD ?=

ifneq ($(filter-out 0,$(RECORD)),)
parity:
	@command -v ansible-playbook >/dev/null || { echo "make parity RECORD=1 asks real Ansible: install ansible-core 2.19 or later"; exit 1; }
	testdata/parity/record.sh
else
parity: build
	@$(GO) run ./cmd/parity -drydock ./drydock -cases '$(CASES)' -jinja '$(JINJA)'
endif

e2e:
	@[ "$$(uname -s)" = Linux ] && [ "$$(id -u)" = 0 ] || { echo "make e2e boots machines: it needs Linux and root (sudo make e2e)"; exit 1; }
	$(GO) test -tags e2e -count=1 -timeout 40m -v ./e2e

bench: build
	$(GO) test -tags bench -count=1 -timeout 30m -v ./bench

docs:
	$(GO) test ./modules -run TestDocs -args -write
	$(GO) test ./engine/settings -run TestPage -args -write
	$(GO) test ./cmd/drydock -run TestMistakes -args -write
	$(GO) test ./faults -run TestPage -args -write
